/* code_range.h: the one reservation in which V8 places all code that it compiles. */
#ifndef CDBSERVE_CODE_RANGE_H
#define CDBSERVE_CODE_RANGE_H

#include <stdint.h>

struct code_range {
  uint64_t start, bytes;
};

/* Of the calling thread's isolate: v8::Isolate::GetCodeRange, found by name. Empty where this V8
 * has none, or tells of none. */
struct code_range code_range_find(void);

#endif
