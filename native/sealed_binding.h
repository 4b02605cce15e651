/* sealed_binding.h: sealed memory, as the supervisor makes it and workers map it. */
#ifndef CDBSERVE_SEALED_BINDING_H
#define CDBSERVE_SEALED_BINDING_H

#include <napi.h>

void ExportSealed(Napi::Env env, Napi::Object exports);

#endif
