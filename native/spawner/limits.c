// limits.c: a table, and a loop over it.
#include "limits.h"

#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>

static int take(int resource, rlim_t wanted) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) != 0) return errno;
  const rlim_t top = wanted < limit.rlim_max ? wanted : limit.rlim_max;
  const struct rlimit less = {.rlim_cur = top, .rlim_max = top};
  if (setrlimit(resource, &less) != 0) return errno;
  if (getrlimit(resource, &limit) != 0) return errno;
  return limit.rlim_cur == top && limit.rlim_max == top ? 0 : EPERM;
}

int limits_take(unsigned long descriptors, unsigned long data_bytes) {
  const struct {
    int resource;
    rlim_t wanted;
  } table[] = {
      {RLIMIT_NOFILE, descriptors},
      {RLIMIT_DATA, data_bytes},
      {RLIMIT_FSIZE, 0},
      {RLIMIT_CORE, 0},
      {RLIMIT_MEMLOCK, 0},
      {RLIMIT_MSGQUEUE, 0},
  };
  for (size_t row = 0; row < sizeof table / sizeof table[0]; row++) {
    const int fault = take((int)table[row].resource, table[row].wanted);
    if (fault != 0) return fault;
  }
  return 0;
}
