// process_binding.cc: channels, loaded files, what a process is and its drop of privilege.
#include "process_binding.h"

#include "channel.h"
#include "gate.h"
#include "loaded.h"
#include "privilege.h"
#include "process.h"

namespace {

Napi::Value PairOf(const Napi::CallbackInfo &info, const int ends[2]) {
  Napi::Array pair = Napi::Array::New(info.Env(), 2);
  for (uint32_t i = 0; i < 2; i++) pair.Set(i, Napi::Number::New(info.Env(), ends[i]));
  return pair;
}

Napi::Value SocketPair(const Napi::CallbackInfo &info) {
  gate::Count(info, 0);
  int ends[2];
  const int made = channel_pair(ends);
  if (made != 0) gate::ThrowErrno(info.Env(), -made, "socketpair");
  return PairOf(info, ends);
}

Napi::Value Pipe(const Napi::CallbackInfo &info) {
  gate::Count(info, 0);
  int ends[2];
  const int made = channel_pipe(ends);
  if (made != 0) gate::ThrowErrno(info.Env(), -made, "pipe2");
  return PairOf(info, ends);
}

Napi::Value DatagramSocket(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  const std::string address = gate::Text(info[0], "address");
  const int end = channel_datagram(address.data(), address.size());
  if (end < 0) gate::ThrowErrno(info.Env(), -end, "connect");
  return Napi::Number::New(info.Env(), end);
}

Napi::Value BuryOthers(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  const gate::Bytes rows = gate::Int32Array(info[0], "own");
  const int32_t *own = reinterpret_cast<const int32_t *>(rows.data);
  const int left = process_bury_others(own, rows.length / sizeof(int32_t));
  return Napi::Boolean::New(info.Env(), left != 0);
}

Napi::Value MuteSocket(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  const int muted = channel_mute(gate::Descriptor(info[0], "socket"));
  if (muted != 0) gate::ThrowErrno(info.Env(), -muted, "shutdown");
  return info.Env().Undefined();
}

Napi::Value SendDescriptors(const Napi::CallbackInfo &info) {
  gate::Count(info, 3);
  const int socket = gate::Descriptor(info[0], "socket");
  const gate::Bytes bytes = gate::Uint8Array(info[1], "bytes");
  const gate::Bytes rows = gate::Int32Array(info[2], "descriptors");
  const size_t count = rows.length / sizeof(int32_t);
  const int *descriptors = reinterpret_cast<const int *>(rows.data);
  const int sent = channel_send(socket, bytes.data, bytes.length, descriptors, count);
  if (sent != 0) gate::ThrowErrno(info.Env(), -sent, "sendmsg");
  return info.Env().Undefined();
}

Napi::Value LoadedFiles(const Napi::CallbackInfo &info) {
  gate::Count(info, 0);
  const std::vector<std::string> files = loaded_files();
  Napi::Array names = Napi::Array::New(info.Env(), files.size());
  for (uint32_t i = 0; i < files.size(); i++)
    names.Set(i, Napi::String::New(info.Env(), files[i]));
  return names;
}

Napi::Value DropPrivilege(const Napi::CallbackInfo &info) {
  gate::Count(info, 2);
  const auto uid = static_cast<uid_t>(gate::Integer(info[0], "uid", 1, gate::UINT32_TOP - 1));
  const auto gid = static_cast<gid_t>(gate::Integer(info[1], "gid", 0, gate::UINT32_TOP - 1));
  const char *call = "";
  const int dropped = privilege_drop(uid, gid, &call);
  if (dropped != 0) gate::ThrowErrno(info.Env(), -dropped, call);
  return info.Env().Undefined();
}

Napi::Value ProcessFacts(const Napi::CallbackInfo &info) {
  gate::Count(info, 0);
  struct process_facts facts;
  process_read(&facts);
  const struct {
    const char *name;
    int value;
  } table[] = {
      {"dumpable", facts.dumpable},         {"execGainRefused", facts.exec_gain_refused},
      {"securebits", facts.securebits},     {"deathSignal", facts.death_signal},
      {"landlockAbi", facts.landlock_abi},
  };
  Napi::Object result = Napi::Object::New(info.Env());
  for (const auto &row : table) result.Set(row.name, Napi::Number::New(info.Env(), row.value));
  return result;
}

Napi::Value ThreadsBeginning(const Napi::CallbackInfo &info) {
  gate::Count(info, 0);
  return Napi::Number::New(info.Env(), process_threads_beginning());
}

/* A public call of libuv for the child of a fork: it opens everything anew. uv_loop_fork(3). */
Napi::Value RenewLoop(const Napi::CallbackInfo &info) {
  gate::Count(info, 0);
  uv_loop_t *loop = nullptr;
  napi_get_uv_event_loop(info.Env(), &loop);
  const int renewed = uv_loop_fork(loop);
  if (renewed != 0) gate::ThrowErrno(info.Env(), -renewed, "uv_loop_fork");
  return info.Env().Undefined();
}

}  // namespace

void ExportProcesses(Napi::Env env, Napi::Object exports) {
  exports.Set("socketPair", Napi::Function::New<SocketPair>(env, "socketPair"));
  exports.Set("pipe", Napi::Function::New<Pipe>(env, "pipe"));
  exports.Set("datagramSocket", Napi::Function::New<DatagramSocket>(env, "datagramSocket"));
  exports.Set("buryOthers", Napi::Function::New<BuryOthers>(env, "buryOthers"));
  exports.Set("muteSocket", Napi::Function::New<MuteSocket>(env, "muteSocket"));
  exports.Set("sendDescriptors", Napi::Function::New<SendDescriptors>(env, "sendDescriptors"));
  exports.Set("loadedFiles", Napi::Function::New<LoadedFiles>(env, "loadedFiles"));
  exports.Set("processFacts", Napi::Function::New<ProcessFacts>(env, "processFacts"));
  exports.Set("dropPrivilege", Napi::Function::New<DropPrivilege>(env, "dropPrivilege"));
  exports.Set("threadsBeginning", Napi::Function::New<ThreadsBeginning>(env, "threadsBeginning"));
  exports.Set("renewLoop", Napi::Function::New<RenewLoop>(env, "renewLoop"));
}
