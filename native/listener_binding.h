/* listener_binding.h: what a supervisor asks of the addon to listen. */
#ifndef CDBSERVE_LISTENER_BINDING_H
#define CDBSERVE_LISTENER_BINDING_H

#include <napi.h>

void ExportListeners(Napi::Env env, Napi::Object exports);

#endif
