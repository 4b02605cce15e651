// lockdown_binding.cc: the part of the addon `wall` that gives things up for good.
#include "lockdown_binding.h"

#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "code_range.h"
#include "descriptors.h"
#include "gate.h"
#include "journal.h"
#include "lockdown.h"
#include "process.h"
#include "refusal.h"
#include "status.h"

namespace {

/* Of one comparison: rule, argument, mask, value. */
const size_t COMPARISON_FIELDS = 4;
const double CALL_NUMBER_TOP = 4095;

std::vector<std::string> Words(const std::string &text) {
  std::vector<std::string> words;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

void ReadComparisons(Napi::Env env, const gate::Bytes &table, std::vector<lockdown_rule> *rules) {
  const uint64_t *fields = reinterpret_cast<const uint64_t *>(table.data);
  const size_t count = table.length / sizeof(uint64_t);
  if (count % COMPARISON_FIELDS != 0) gate::Refuse(env, "comparisons", "a whole number of rows");
  for (size_t at = 0; at < count; at += COMPARISON_FIELDS) {
    if (fields[at] >= rules->size()) gate::Refuse(env, "comparisons", "of rules that exist");
    struct lockdown_rule *rule = &(*rules)[fields[at]];
    if (rule->count == LOCKDOWN_ARGUMENTS || fields[at + 1] >= LOCKDOWN_ARGUMENTS)
      gate::Refuse(env, "comparisons", "of six arguments at most");
    rule->comparisons[rule->count++] = {static_cast<uint32_t>(fields[at + 1]), fields[at + 2],
                                        fields[at + 3]};
  }
}

/* Of NAME or NAME=ERRNO: leaves the name and gives the number, or 0. */
int CutFault(Napi::Env env, std::string *call) {
  const size_t at = call->find('=');
  if (at == std::string::npos) return 0;
  const int fault = atoi(call->c_str() + at + 1);
  if (fault <= 0 || fault > CALL_NUMBER_TOP) gate::Refuse(env, "calls", "names, or NAME=ERRNO");
  call->resize(at);
  return fault;
}

Napi::Value AllowOnly(const Napi::CallbackInfo &info) {
  gate::Count(info, 2);
  std::vector<std::string> calls = Words(gate::Text(info[0], "calls"));
  const gate::Bytes table = gate::ArrayOf(info[1], napi_biguint64_array, sizeof(uint64_t),
                                          "comparisons", "a BigUint64Array");
  std::vector<lockdown_rule> rules;
  for (std::string &call : calls) {
    const int fault = CutFault(info.Env(), &call);
    rules.push_back({call.c_str(), fault, 0, {}});
  }
  ReadComparisons(info.Env(), table, &rules);
  const char *step;
  const int fault = lockdown_install(rules.data(), static_cast<uint32_t>(rules.size()), &step);
  if (fault != 0) gate::ThrowErrno(info.Env(), -fault, step);
  return info.Env().Undefined();
}

Napi::Value CallName(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  char name[64];
  lockdown_call_name(gate::Int(info[0], "number", 0, CALL_NUMBER_TOP), name, sizeof name);
  return Napi::String::New(info.Env(), name);
}

Napi::Value CreateStatus(const Napi::CallbackInfo &info) {
  gate::Count(info, 0);
  const int descriptor = status_create();
  if (descriptor < 0) gate::ThrowErrno(info.Env(), -descriptor, "memfd_create");
  return Napi::Number::New(info.Env(), descriptor);
}

Napi::Value OpenStatus(const Napi::CallbackInfo &info) {
  gate::Count(info, 2);
  const int descriptor = gate::Descriptor(info[0], "descriptor");
  const int fault = status_open(descriptor, gate::Int(info[1], "exitCode", 0, UINT8_MAX));
  if (fault < 0) gate::ThrowErrno(info.Env(), -fault, "mmap");
  return info.Env().Undefined();
}

Napi::Value TellRefusals(const Napi::CallbackInfo &info) {
  gate::Count(info, 3);
  const std::string before = gate::Text(info[0], "before");
  const std::string after = gate::Text(info[1], "after");
  const int exit_code = gate::Int(info[2], "exitCode", 0, UINT8_MAX);
  const int fault = refusal_tell(before.c_str(), after.c_str(), exit_code);
  if (fault < 0) gate::ThrowErrno(info.Env(), -fault, "sigaction");
  return info.Env().Undefined();
}

Napi::Value CreateJournal(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  const double most = 1u << 30;
  const auto ring_bytes = static_cast<uint32_t>(gate::Integer(info[0], "ringBytes", 0, most));
  const int descriptor = journal_create(ring_bytes);
  if (descriptor < 0) gate::ThrowErrno(info.Env(), -descriptor, "memfd_create");
  return Napi::Number::New(info.Env(), descriptor);
}

Napi::Value Say(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  const std::string text = gate::Text(info[0], "text");
  const char *words = text.c_str();
  status_say(&words, 1);
  return info.Env().Undefined();
}

Napi::Value DescriptorKind(const Napi::CallbackInfo &info) {
  static const char *const names[] = {"closed", "epoll", "eventfd", "other"};
  gate::Count(info, 1);
  const enum descriptor_kind kind = descriptor_kind(gate::Descriptor(info[0], "descriptor"));
  return Napi::String::New(info.Env(), names[kind]);
}

Napi::Value MoveToTop(const Napi::CallbackInfo &info) {
  gate::Count(info, 2);
  const int descriptor = gate::Descriptor(info[0], "descriptor");
  const int moved = descriptor_move_to_top(descriptor, gate::Descriptor(info[1], "filler"));
  if (moved < 0) gate::ThrowErrno(info.Env(), -moved, "fcntl");
  return Napi::Number::New(info.Env(), moved);
}

Napi::Value SendLast(const Napi::CallbackInfo &info) {
  gate::Count(info, 2);
  const int socket = gate::Descriptor(info[0], "socket");
  std::string text = gate::Text(info[1], "text");
  struct iovec part = {&text[0], text.size()};
  struct msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (sendmsg(socket, &message, MSG_NOSIGNAL) < 0) gate::ThrowErrno(info.Env(), errno, "sendmsg");
  close(socket);
  return info.Env().Undefined();
}

Napi::Value CodeRange(const Napi::CallbackInfo &info) {
  gate::Count(info, 0);
  const struct code_range range = code_range_find();
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("start", Napi::BigInt::New(info.Env(), range.start));
  result.Set("bytes", Napi::BigInt::New(info.Env(), range.bytes));
  return result;
}

Napi::Value Harden(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  struct process_hardening read_back;
  const int fault = process_harden(gate::Boolean(info[0], "refuseExecGain"), &read_back);
  if (fault < 0) gate::ThrowErrno(info.Env(), -fault, "prctl");
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("dumpable", Napi::Boolean::New(info.Env(), read_back.dumpable != 0));
  result.Set("execGainRefused", Napi::Boolean::New(info.Env(), read_back.exec_gain_refused != 0));
  return result;
}

}  // namespace

void ExportLockdown(Napi::Env env, Napi::Object exports) {
  const auto put = [&](const char *name, Napi::Value (*call)(const Napi::CallbackInfo &)) {
    exports.Set(name, Napi::Function::New(env, call, name));
  };
  put("allowOnly", AllowOnly);
  put("callName", CallName);
  put("createStatus", CreateStatus);
  put("createJournal", CreateJournal);
  put("openStatus", OpenStatus);
  put("say", Say);
  put("tellRefusals", TellRefusals);
  put("descriptorKind", DescriptorKind);
  put("moveToTop", MoveToTop);
  put("sendLast", SendLast);
  put("codeRange", CodeRange);
  put("harden", Harden);
}
