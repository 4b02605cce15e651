// compress_binding.cc: the class Compressor. Shape: CdbAddon in src/native.ts.
#include "compress_binding.h"

#include "compress.h"
#include "gate.h"

namespace {

class Compressor : public Napi::ObjectWrap<Compressor> {
 public:
  static Napi::Function Class(Napi::Env env) {
    return DefineClass(env, "Compressor",
                       {InstanceMethod<&Compressor::Gzip>("gzip"),
                        InstanceMethod<&Compressor::Zstd>("zstd")});
  }

  explicit Compressor(const Napi::CallbackInfo &info) : Napi::ObjectWrap<Compressor>(info) {
    gate::Count(info, 0);
    compressor_ = compressor_open();
    if (compressor_ == nullptr) gate::ThrowErrno(info.Env(), ENOMEM, "calloc");
  }

  ~Compressor() override {
    if (compressor_ != nullptr) compressor_close(compressor_);
  }

 private:
  using Compress = decltype(&compress_gzip);

  Napi::Value Gzip(const Napi::CallbackInfo &info) {
    return Run(info, compress_gzip, COMPRESS_GZIP_LEVEL_MAX, "libdeflate");
  }

  Napi::Value Zstd(const Napi::CallbackInfo &info) {
    return Run(info, compress_zstd, COMPRESS_ZSTD_LEVEL_MAX, "libzstd");
  }

  Napi::Value Run(const Napi::CallbackInfo &info, Compress compress, int level_max,
                  const char *library) {
    gate::Count(info, 3);
    const int level = gate::Int(info[0], "level", 1, level_max);
    const gate::Bytes input = gate::Uint8Array(info[1], "input");
    const gate::Bytes output = gate::Uint8Array(info[2], "output");
    const int64_t written =
        compress(compressor_, level, input.data, input.length, output.data, output.length);
    if (written < 0) gate::ThrowErrno(info.Env(), static_cast<int>(-written), library);
    return Napi::Number::New(info.Env(), static_cast<double>(written));
  }

  struct compressor *compressor_ = nullptr;
};

}  // namespace

void ExportCompressor(Napi::Env env, Napi::Object exports) {
  exports.Set("Compressor", Compressor::Class(env));
  Napi::Object libraries = Napi::Object::New(env);
  libraries.Set("gzip", compress_gzip_library());
  libraries.Set("zstd", compress_zstd_library());
  exports.Set("libraries", libraries);
}
