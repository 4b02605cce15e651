/* lockdown_binding.h: what wall_binding.cc takes of lockdown_binding.cc. */
#ifndef CDBSERVE_LOCKDOWN_BINDING_H
#define CDBSERVE_LOCKDOWN_BINDING_H

#include <napi.h>

void ExportLockdown(Napi::Env env, Napi::Object exports);

#endif
