// syscall_binding.cc: for tests: any system call with any arguments, and a store to any address.
#include <errno.h>
#include <node_api.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static const size_t ARGUMENTS = 7;

// A bigint stands for itself, a Uint8Array for its address.
static uint64_t word_of(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  uint64_t word = 0;
  bool whole;
  void *data;
  napi_typeof(env, value, &type);
  if (type == napi_bigint) {
    napi_get_value_bigint_uint64(env, value, &word, &whole);
  } else if (type == napi_object) {
    napi_get_typedarray_info(env, value, nullptr, nullptr, &data, nullptr, nullptr);
    word = reinterpret_cast<uint64_t>(data);
  }
  return word;
}

static napi_value call(napi_env env, napi_callback_info info) {
  napi_value arguments[ARGUMENTS];
  size_t count = ARGUMENTS;
  uint64_t words[ARGUMENTS] = {};
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  for (size_t at = 0; at < count && at < ARGUMENTS; at++) words[at] = word_of(env, arguments[at]);
  const long result = syscall(static_cast<long>(words[0]), words[1], words[2], words[3], words[4],
                              words[5], words[6]);
  napi_value value;
  napi_create_int64(env, result < 0 ? -errno : result, &value);
  return value;
}

static napi_value address(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  napi_value value;
  napi_create_bigint_uint64(env, word_of(env, argument), &value);
  return value;
}

static napi_value store(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  *reinterpret_cast<volatile uint8_t *>(word_of(env, argument)) = 1;
  return nullptr;
}

NAPI_MODULE_INIT() {
  const struct {
    const char *name;
    napi_callback body;
  } functions[] = {{"call", call}, {"address", address}, {"store", store}};
  for (const auto &row : functions) {
    napi_value value;
    napi_create_function(env, row.name, NAPI_AUTO_LENGTH, row.body, nullptr, &value);
    napi_set_named_property(env, exports, row.name, value);
  }
  return exports;
}
