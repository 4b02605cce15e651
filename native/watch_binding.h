/* watch_binding.h: what a supervisor asks of the addon to learn that a descriptor is ready. */
#ifndef CDBSERVE_WATCH_BINDING_H
#define CDBSERVE_WATCH_BINDING_H

#include <napi.h>

void ExportWatch(Napi::Env env, Napi::Object exports);

#endif
