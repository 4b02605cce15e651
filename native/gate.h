/* gate.h: the strict gate between JavaScript arguments and core functions.
 *
 * Each check takes one argument by position and throws with its name when it is not exactly what is
 * asked for: no coercion, no default. Kernel refusals become an Error with `code` and `syscall`, as
 * Node's own have.
 */
#ifndef CDBSERVE_GATE_H
#define CDBSERVE_GATE_H

#include <errno.h>
#include <math.h>
#include <napi.h>
#include <stdint.h>
#include <string.h>
#include <uv.h>

#include <string>

namespace gate {

struct Bytes {
  uint8_t *data;
  size_t length;
};

inline const double INT32_TOP = 2147483647.0;
inline const double UINT32_TOP = 4294967295.0;

[[noreturn]] inline void Refuse(Napi::Env env, const std::string &name, const std::string &wanted) {
  throw Napi::TypeError::New(env, "argument " + name + " must be " + wanted);
}

inline Napi::Error ErrnoError(Napi::Env env, int error, const char *syscall) {
  const char *code = uv_err_name(uv_translate_sys_error(error));
  const std::string message = std::string(code) + ": " + syscall + ": " + strerror(error);
  Napi::Error made = Napi::Error::New(env, message);
  made.Set("code", Napi::String::New(env, code));
  made.Set("syscall", Napi::String::New(env, syscall));
  return made;
}

[[noreturn]] inline void ThrowErrno(Napi::Env env, int error, const char *syscall) {
  throw ErrnoError(env, error, syscall);
}

inline void Count(const Napi::CallbackInfo &info, size_t count) {
  if (info.Length() == count) return;
  const std::string given = std::to_string(info.Length());
  throw Napi::TypeError::New(
      info.Env(), "arguments wanted: " + std::to_string(count) + ", given: " + given);
}

inline double Integer(Napi::Value value, const std::string &name, double least, double most) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
  if (number == floor(number) && number >= least && number <= most) return number;
  Refuse(value.Env(), name,
         "an integer from " + std::to_string(static_cast<int64_t>(least)) + " to " +
             std::to_string(static_cast<int64_t>(most)));
}

inline int Int(Napi::Value value, const std::string &name, double least, double most) {
  return static_cast<int>(Integer(value, name, least, most));
}

inline int Descriptor(Napi::Value value, const std::string &name) {
  return Int(value, name, 0, INT32_TOP);
}

inline bool Boolean(Napi::Value value, const std::string &name) {
  if (!value.IsBoolean()) Refuse(value.Env(), name, "a boolean");
  return value.As<Napi::Boolean>().Value();
}

inline std::string Text(Napi::Value value, const std::string &name) {
  if (!value.IsString()) Refuse(value.Env(), name, "a string");
  return value.As<Napi::String>().Utf8Value();
}

inline Bytes ArrayOf(Napi::Value value, napi_typedarray_type wanted, size_t item_bytes,
                     const std::string &name, const char *description) {
  napi_typedarray_type type = napi_uint8_clamped_array;
  size_t items = 0;
  void *data = nullptr;
  const bool known =
      value.IsTypedArray() && napi_get_typedarray_info(value.Env(), value, &type, &items, &data,
                                                       nullptr, nullptr) == napi_ok;
  if (!known || type != wanted) Refuse(value.Env(), name, description);
  return {static_cast<uint8_t *>(data), items * item_bytes};
}

inline Bytes Uint8Array(Napi::Value value, const std::string &name) {
  return ArrayOf(value, napi_uint8_array, sizeof(uint8_t), name, "a Uint8Array");
}

inline Bytes Int32Array(Napi::Value value, const std::string &name) {
  return ArrayOf(value, napi_int32_array, sizeof(int32_t), name, "an Int32Array");
}

}  // namespace gate

#endif
