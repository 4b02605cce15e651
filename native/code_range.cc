// code_range.cc: two exported functions of V8, without its headers: their names are its ABI.
#include "code_range.h"

#include <dlfcn.h>
#include <stddef.h>

typedef void *current_isolate(void);
typedef void isolate_code_range(void *isolate, void **start, size_t *bytes);

struct code_range code_range_find(void) {
  current_isolate *current =
      reinterpret_cast<current_isolate *>(dlsym(RTLD_DEFAULT, "_ZN2v87Isolate10GetCurrentEv"));
  isolate_code_range *range = reinterpret_cast<isolate_code_range *>(
      dlsym(RTLD_DEFAULT, "_ZN2v87Isolate12GetCodeRangeEPPvPm"));
  void *start = nullptr;
  size_t bytes = 0;
  if (current != nullptr && range != nullptr && current() != nullptr)
    range(current(), &start, &bytes);
  return {reinterpret_cast<uint64_t>(start), bytes};
}
