// cdb_binding.cc: the addon `cdb`: CdbMake, cdbFind, cdbNext, tryLock, mapFile, and what
// compresses.
// Shape: CdbAddon in src/native.ts.
#include <napi.h>

#include "archive.h"
#include "compress_binding.h"
#include "gate.h"
#include "lock.h"
#include "mapped.h"

namespace {

uint32_t ShortLength(Napi::Env env, const gate::Bytes &bytes) {
  if (bytes.length > UINT32_MAX) gate::ThrowErrno(env, ERANGE, "cdb");
  return static_cast<uint32_t>(bytes.length);
}

class CdbMake : public Napi::ObjectWrap<CdbMake> {
 public:
  static Napi::Function Class(Napi::Env env) {
    return DefineClass(env, "CdbMake",
                       {InstanceAccessor<&CdbMake::Position>("position"),
                        InstanceMethod<&CdbMake::Add>("add"),
                        InstanceMethod<&CdbMake::Read>("read"),
                        InstanceMethod<&CdbMake::Finish>("finish")});
  }

  explicit CdbMake(const Napi::CallbackInfo &info) : Napi::ObjectWrap<CdbMake>(info) {
    gate::Count(info, 1);
    writer_ = archive_open(gate::Descriptor(info[0], "descriptor"));
    if (writer_ == nullptr) gate::ThrowErrno(info.Env(), errno, "cdb_make_start");
  }

  ~CdbMake() override {
    if (writer_ != nullptr) archive_close(writer_);
  }

 private:
  Napi::Value Position(const Napi::CallbackInfo &info) {
    return Napi::Number::New(info.Env(), archive_position(writer_));
  }

  Napi::Value Add(const Napi::CallbackInfo &info) {
    gate::Count(info, 2);
    const gate::Bytes key = gate::Uint8Array(info[0], "key");
    const gate::Bytes value = gate::Uint8Array(info[1], "value");
    const int64_t at = archive_add(writer_, key.data, ShortLength(info.Env(), key), value.data,
                                   ShortLength(info.Env(), value));
    if (at < 0) gate::ThrowErrno(info.Env(), static_cast<int>(-at), "cdb_make_add");
    return Napi::Number::New(info.Env(), static_cast<double>(at));
  }

  Napi::Value Read(const Napi::CallbackInfo &info) {
    gate::Count(info, 2);
    const uint32_t position =
        static_cast<uint32_t>(gate::Integer(info[0], "position", 0, gate::UINT32_TOP));
    const gate::Bytes bytes = gate::Uint8Array(info[1], "bytes");
    const int read = archive_read(writer_, position, bytes.data, ShortLength(info.Env(), bytes));
    if (read < 0) gate::ThrowErrno(info.Env(), -read, "pread");
    return info.Env().Undefined();
  }

  Napi::Value Finish(const Napi::CallbackInfo &info) {
    gate::Count(info, 0);
    const int finished = archive_finish(writer_);
    if (finished < 0) gate::ThrowErrno(info.Env(), -finished, "cdb_make_finish");
    return info.Env().Undefined();
  }

  struct archive_writer *writer_ = nullptr;
};

void Put(Napi::Object object, const char *name, uint32_t number) {
  object.Set(name, Napi::Number::New(object.Env(), number));
}

Napi::Value CdbFind(const Napi::CallbackInfo &info) {
  gate::Count(info, 2);
  const gate::Bytes archive = gate::Uint8Array(info[0], "archive");
  const gate::Bytes key = gate::Uint8Array(info[1], "key");
  struct archive_record record;
  const int found = archive_find(archive.data, archive.length, key.data,
                                 ShortLength(info.Env(), key), &record);
  if (found < 0) gate::ThrowErrno(info.Env(), -found, "cdb_find");
  if (found == 0) return info.Env().Undefined();
  Napi::Object span = Napi::Object::New(info.Env());
  Put(span, "at", record.value_at);
  Put(span, "bytes", record.value_bytes);
  return span;
}

Napi::Value CdbNext(const Napi::CallbackInfo &info) {
  gate::Count(info, 2);
  const gate::Bytes archive = gate::Uint8Array(info[0], "archive");
  uint32_t position =
      static_cast<uint32_t>(gate::Integer(info[1], "position", 0, gate::UINT32_TOP));
  struct archive_record record;
  const int found = archive_next(archive.data, archive.length, &position, &record);
  if (found < 0) gate::ThrowErrno(info.Env(), -found, "cdb_seqnext");
  if (found == 0) return info.Env().Undefined();
  Napi::Object result = Napi::Object::New(info.Env());
  Put(result, "keyAt", record.key_at);
  Put(result, "keyBytes", record.key_bytes);
  Put(result, "valueAt", record.value_at);
  Put(result, "valueBytes", record.value_bytes);
  Put(result, "next", position);
  return result;
}

Napi::Value TryLock(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  const int locked = lock_try(gate::Descriptor(info[0], "descriptor"));
  if (locked < 0) gate::ThrowErrno(info.Env(), -locked, "flock");
  return Napi::Boolean::New(info.Env(), locked == 1);
}

Napi::Value MapFile(const Napi::CallbackInfo &info) {
  gate::Count(info, 1);
  struct mapped_file file;
  const int mapped = mapped_open(gate::Descriptor(info[0], "descriptor"), &file);
  if (mapped < 0) gate::ThrowErrno(info.Env(), -mapped, "mmap");
  const auto unmap = [file](Napi::Env, void *) { mapped_close(&file); };
  return Napi::ArrayBuffer::New(info.Env(), file.data, file.bytes, unmap);
}

Napi::Object Export(Napi::Env env, Napi::Object exports) {
  exports.Set("CdbMake", CdbMake::Class(env));
  exports.Set("cdbFind", Napi::Function::New<CdbFind>(env, "cdbFind"));
  exports.Set("cdbNext", Napi::Function::New<CdbNext>(env, "cdbNext"));
  exports.Set("mapFile", Napi::Function::New<MapFile>(env, "mapFile"));
  exports.Set("tryLock", Napi::Function::New<TryLock>(env, "tryLock"));
  ExportCompressor(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(cdb, Export)
