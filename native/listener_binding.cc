// listener_binding.cc: the part of the addon `wall` that makes listening sockets and ends them.
#include "listener_binding.h"

#include <string>

#include "gate.h"
#include "listener.h"

namespace {

Napi::Value ListenTcp(const Napi::CallbackInfo &info) {
  gate::Count(info, 4);
  const std::string host = gate::Text(info[0], "host");
  const int port = gate::Int(info[1], "port", 0, UINT16_MAX);
  const bool reuse_port = gate::Boolean(info[2], "reusePort");
  const int backlog = gate::Int(info[3], "backlog", 1, gate::INT32_TOP);
  const char *call;
  // A zero byte would hide what follows it.
  const std::string literal = host.find('\0') == std::string::npos ? host : "\\0";
  const int listener =
      listener_open(literal.c_str(), static_cast<uint16_t>(port), reuse_port, backlog, &call);
  if (listener < 0) gate::ThrowErrno(info.Env(), -listener, call);
  return Napi::Number::New(info.Env(), listener);
}

Napi::Value ListenUnix(const Napi::CallbackInfo &info) {
  gate::Count(info, 3);
  const std::string path = gate::Text(info[0], "path");
  const int mode = gate::Int(info[1], "mode", 0, 0777);
  const int backlog = gate::Int(info[2], "backlog", 1, gate::INT32_TOP);
  const char *call = "bind";
  // A zero byte would hide what follows it.
  const bool whole = path.find('\0') == std::string::npos;
  const uint32_t bits = static_cast<uint32_t>(mode);
  const int listener = whole ? listener_open_unix(path.c_str(), bits, backlog, &call) : -EINVAL;
  if (listener < 0) gate::ThrowErrno(info.Env(), -listener, call);
  return Napi::Number::New(info.Env(), listener);
}

Napi::Value AdoptListener(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  char name[LISTENER_PATH_BYTES_MAX + sizeof "unix:"];
  const char *call;
  const int listener = gate::Descriptor(info[0], "listener");
  const int fault = listener_adopt(listener, name, sizeof name, &call);
  if (fault < 0) gate::ThrowErrno(info.Env(), -fault, call);
  return Napi::String::New(info.Env(), name);
}

Napi::Value BoundPort(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  const int port = listener_port(gate::Descriptor(info[0], "listener"));
  if (port < 0) gate::ThrowErrno(info.Env(), -port, "getsockname");
  return Napi::Number::New(info.Env(), port);
}

Napi::Value QueuedConnections(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  const int waiting = listener_queue(gate::Descriptor(info[0], "listener"));
  if (waiting < 0) gate::ThrowErrno(info.Env(), -waiting, "getsockopt");
  return Napi::Number::New(info.Env(), waiting);
}

Napi::Value SetUserTimeout(const Napi::CallbackInfo &info) {
  gate::Count(info, 2);
  const int listener = gate::Descriptor(info[0], "listener");
  const int timeout_ms = gate::Int(info[1], "timeoutMs", 1, INT32_MAX);
  const int fault = listener_user_timeout(listener, timeout_ms);
  if (fault < 0) gate::ThrowErrno(info.Env(), -fault, "setsockopt");
  return info.Env().Undefined();
}

// What is wrong with one newcomer, or with the machine for a moment, is nobody for now.
Napi::Value AcceptOne(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  const int fd = listener_accept(gate::Descriptor(info[0], "listener"));
  if (fd == -EBADF || fd == -ENOTSOCK || fd == -EINVAL)
    gate::ThrowErrno(info.Env(), -fd, "accept4");
  return Napi::Number::New(info.Env(), fd < 0 ? -1 : fd);
}

Napi::Value ShutListener(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  const int fault = listener_shut(gate::Descriptor(info[0], "listener"));
  if (fault < 0) gate::ThrowErrno(info.Env(), -fault, "shutdown");
  return info.Env().Undefined();
}

}  // namespace

void ExportListeners(Napi::Env env, Napi::Object exports) {
  exports.Set("listenUnix", Napi::Function::New<ListenUnix>(env, "listenUnix"));
  exports.Set("adoptListener", Napi::Function::New<AdoptListener>(env, "adoptListener"));
  exports.Set("listenTcp", Napi::Function::New<ListenTcp>(env, "listenTcp"));
  exports.Set("boundPort", Napi::Function::New<BoundPort>(env, "boundPort"));
  exports.Set("queuedConnections",
              Napi::Function::New<QueuedConnections>(env, "queuedConnections"));
  exports.Set("setUserTimeout", Napi::Function::New<SetUserTimeout>(env, "setUserTimeout"));
  exports.Set("acceptOne", Napi::Function::New<AcceptOne>(env, "acceptOne"));
  exports.Set("shutListener", Napi::Function::New<ShutListener>(env, "shutListener"));
}
