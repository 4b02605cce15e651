// lock.cc: flock(2).
#include "lock.h"

#include <errno.h>
#include <sys/file.h>

int lock_try(int descriptor) {
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return 1;
  return errno == EWOULDBLOCK ? 0 : -errno;
}
