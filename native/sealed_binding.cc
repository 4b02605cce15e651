// sealed_binding.cc: the part of the addon `wall` that seals and maps archives.
#include "sealed_binding.h"

#include "gate.h"
#include "sealed.h"

namespace {

// In a thread of libuv's: four gigabytes, or a disk that hangs, must not stop the loop.
class Sealing : public Napi::AsyncWorker {
 public:
  Sealing(Napi::Env env, int file)
      : Napi::AsyncWorker(env, "sealFile"), deferred_(env), file_(file) {}

  Napi::Promise Promise() const {
    return deferred_.Promise();
  }

 protected:
  void Execute() override {
    memory_ = sealed_copy(file_, &call_);
  }

  void OnOK() override {
    if (memory_ < 0) deferred_.Reject(gate::ErrnoError(Env(), -memory_, call_).Value());
    else deferred_.Resolve(Napi::Number::New(Env(), memory_));
  }

 private:
  Napi::Promise::Deferred deferred_;
  int file_;
  int memory_ = -1;
  const char *call_ = "";
};

Napi::Value SealFile(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  Sealing *sealing = new Sealing(info.Env(), gate::Descriptor(info[0], "descriptor"));
  sealing->Queue();
  return sealing->Promise();
}

Napi::Value SealsOf(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  const int seals = sealed_read(gate::Descriptor(info[0], "descriptor"));
  if (seals < 0) gate::ThrowErrno(info.Env(), -seals, "fcntl");
  return Napi::Number::New(info.Env(), seals);
}

Napi::Value MapSealed(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  const Napi::Env env = info.Env();
  const char *call;
  struct sealed_map map;
  const int mapped = sealed_map(gate::Descriptor(info[0], "descriptor"), &map, &call);
  if (mapped < 0) gate::ThrowErrno(env, -mapped, call);
  Napi::Object result = Napi::Object::New(env);
  result.Set("buffer", Napi::ArrayBuffer::New(env, map.data, map.bytes));
  result.Set("seals", Napi::Number::New(env, map.seals));
  result.Set("msealed", Napi::Boolean::New(env, map.msealed));
  return result;
}

}  // namespace

void ExportSealed(Napi::Env env, Napi::Object exports) {
  exports.Set("sealFile", Napi::Function::New<SealFile>(env, "sealFile"));
  exports.Set("sealsOf", Napi::Function::New<SealsOf>(env, "sealsOf"));
  exports.Set("mapSealed", Napi::Function::New<MapSealed>(env, "mapSealed"));
}
