// descriptors.cc: kinds, and the line between what a worker has and what it will accept.
#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Above it would be no room for connections. */
static const int TOP_MAX = 1024;

static bool is_anonymous(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 && (status.st_mode & S_IFMT) == 0;
}

/* epoll_ctl(2) answers EINVAL before all else where the first descriptor is no epoll. */
static bool is_epoll(int descriptor) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  const bool found = epoll_ctl(descriptor, EPOLL_CTL_DEL, ends[0], nullptr) != 0 && errno == ENOENT;
  close(ends[0]);
  close(ends[1]);
  return found;
}

enum descriptor_kind descriptor_kind(int descriptor) {
  const uint64_t nothing = 0;
  if (fcntl(descriptor, F_GETFD) < 0) return DESCRIPTOR_CLOSED;
  if (!is_anonymous(descriptor)) return DESCRIPTOR_OTHER;
  if (is_epoll(descriptor)) return DESCRIPTOR_EPOLL;
  // Of what is left only an eventfd can be written, and adding nothing changes nothing.
  return write(descriptor, &nothing, sizeof nothing) == sizeof nothing ? DESCRIPTOR_EVENT
                                                                       : DESCRIPTOR_OTHER;
}

static int highest(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -errno;
  const int end = limit.rlim_cur < UINT16_MAX ? static_cast<int>(limit.rlim_cur) : UINT16_MAX;
  for (int number = end - 1; number >= 0; number--)
    if (fcntl(number, F_GETFD) >= 0) return number;
  return -EBADF;
}

int descriptor_move_to_top(int descriptor, int filler) {
  const int top = highest();
  if (top < 0) return top;
  if (top >= TOP_MAX) return -EMFILE;
  const int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, top + 1);
  if (moved < 0) return -errno;
  close(descriptor);
  for (;;) {
    const int filled = fcntl(filler, F_DUPFD_CLOEXEC, 0);
    if (filled < 0) return -errno;
    if (filled > moved) return close(filled) == 0 ? moved : -errno;
  }
}
