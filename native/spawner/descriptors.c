// descriptors.c: up out of the way, down to their numbers, the rest closed.
#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int place(int from, int to, int flags) {
  return dup3(from, to, flags) == to ? 0 : errno;
}

int descriptors_place(const int *given, int count, int *report) {
  const int above = count + 4; // every number that is given out
  int raised[DESCRIPTORS_MAX + 1];
  for (int i = 0; i <= count; i++) {
    raised[i] = fcntl(i < count ? given[i] : *report, F_DUPFD_CLOEXEC, above);
    if (raised[i] < 0) return errno;
  }
  int fault = 0;
  for (int i = 0; i < count && fault == 0; i++) fault = place(raised[i], 2 + i, 0);
  if (fault == 0) fault = place(raised[count], 2 + count, O_CLOEXEC);
  if (fault != 0) return fault;
  *report = 2 + count;
  closefrom(3 + count);
  return fcntl(above, F_GETFD) < 0 && errno == EBADF ? 0 : EBADF;
}
