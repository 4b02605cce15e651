/* compress_binding.h: what the packer asks of the addon to compress. */
#ifndef CDBSERVE_COMPRESS_BINDING_H
#define CDBSERVE_COMPRESS_BINDING_H

#include <napi.h>

void ExportCompressor(Napi::Env env, Napi::Object exports);

#endif
