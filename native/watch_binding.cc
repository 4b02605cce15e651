// watch_binding.cc: the part of the addon `wall` that tells when a descriptor can be read, by the
// loop of libuv: Node itself reads from each socket that it watches.
#include "watch_binding.h"

#include "gate.h"

namespace {

struct Handle {
  uv_poll_t poll;
  Napi::FunctionReference ready;
};

void Tell(uv_poll_t *poll, int, int) {
  Handle *handle = static_cast<Handle *>(poll->data);
  const Napi::Env env = handle->ready.Env();
  const Napi::HandleScope scope(env);
  try {
    handle->ready.MakeCallback(env.Global(), {});
  } catch (const Napi::Error &error) {
    napi_fatal_exception(env, error.Value());
  }
}

class Watch : public Napi::ObjectWrap<Watch> {
 public:
  static Napi::Function Class(Napi::Env env) {
    return DefineClass(env, "Watch",
                       {InstanceMethod<&Watch::Start>("start"),
                        InstanceMethod<&Watch::Stop>("stop"),
                        InstanceMethod<&Watch::Close>("close")});
  }

  explicit Watch(const Napi::CallbackInfo &info) : Napi::ObjectWrap<Watch>(info) {
    gate::Count(info, 2);
    const int descriptor = gate::Descriptor(info[0], "descriptor");
    if (!info[1].IsFunction()) gate::Refuse(info.Env(), "ready", "a function");
    uv_loop_t *loop = nullptr;
    napi_get_uv_event_loop(info.Env(), &loop);
    Handle *handle = new Handle();
    const int fault = uv_poll_init(loop, &handle->poll, descriptor);
    if (fault != 0) {
      delete handle;
      gate::ThrowErrno(info.Env(), -fault, "uv_poll_init");
    }
    handle->poll.data = handle;
    handle->ready = Napi::Persistent(info[1].As<Napi::Function>());
    uv_unref(reinterpret_cast<uv_handle_t *>(&handle->poll));
    handle_ = handle;
  }

  ~Watch() override { Release(); }

 private:
  Napi::Value Start(const Napi::CallbackInfo &info) {
    if (handle_ != nullptr) uv_poll_start(&handle_->poll, UV_READABLE, Tell);
    return info.Env().Undefined();
  }

  Napi::Value Stop(const Napi::CallbackInfo &info) {
    if (handle_ != nullptr) uv_poll_stop(&handle_->poll);
    return info.Env().Undefined();
  }

  Napi::Value Close(const Napi::CallbackInfo &info) {
    Release();
    return info.Env().Undefined();
  }

  void Release() {
    if (handle_ == nullptr) return;
    handle_->ready.Reset();
    uv_close(reinterpret_cast<uv_handle_t *>(&handle_->poll),
             [](uv_handle_t *handle) { delete static_cast<Handle *>(handle->data); });
    handle_ = nullptr;
  }

  Handle *handle_ = nullptr;
};

}  // namespace

void ExportWatch(Napi::Env env, Napi::Object exports) {
  exports.Set("Watch", Watch::Class(env));
}
