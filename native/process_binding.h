/* process_binding.h: what a supervisor asks of the addon to make processes and to be a lesser one.
 */
#ifndef CDBSERVE_PROCESS_BINDING_H
#define CDBSERVE_PROCESS_BINDING_H

#include <napi.h>

void ExportProcesses(Napi::Env env, Napi::Object exports);

#endif
