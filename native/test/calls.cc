// calls.cc: the wrapped system calls of the ring.
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "harness.h"

namespace harness {

Calls calls;
Faults faults;

static bool refused(std::vector<int> *planned) {
  if (planned->empty()) return false;
  errno = planned->back();
  planned->pop_back();
  return true;
}

}  // namespace harness

using harness::calls;
using harness::faults;

// The linker sends the ring's calls here (--wrap): counted, held against what the seccomp filter of
// the serve stage allows, and refused on request.
extern "C" {
int __real_epoll_wait(int epoll, struct epoll_event *events, int count, int timeout);
ssize_t __real_recvfrom(int fd, void *bytes, size_t room, int flags, struct sockaddr *address,
                        socklen_t *length);
ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
int __real_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
int __real_epoll_ctl(int epoll, int op, int fd, struct epoll_event *event);

int __wrap_epoll_wait(int epoll, struct epoll_event *events, int count, int timeout) {
  calls.epoll_wait++;
  if (timeout < 0 || timeout > 1000) abort();
  if (harness::refused(&faults.epoll_wait)) return -1;
  return __real_epoll_wait(epoll, events, count, timeout);
}

ssize_t __wrap_recvfrom(int fd, void *bytes, size_t room, int flags, struct sockaddr *address,
                        socklen_t *length) {
  calls.recvfrom++;
  if (flags != MSG_DONTWAIT || address != nullptr || length != nullptr) abort();
  if (harness::refused(&faults.recvfrom)) return -1;
  return __real_recvfrom(fd, bytes, room, flags, address, length);
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags) {
  calls.sendmsg++;
  if (flags != MSG_NOSIGNAL) abort();
  if (harness::refused(&faults.sendmsg)) return -1;
  if (faults.rooms.empty()) return __real_sendmsg(fd, message, flags);
  const size_t room = faults.rooms.back();
  if (faults.rooms.size() > 1) faults.rooms.pop_back();
  if (room == 0) {
    errno = EAGAIN;
    return -1;
  }
  struct iovec first = message->msg_iov[0];
  if (first.iov_len > room) first.iov_len = room;
  struct msghdr part = {};
  part.msg_iov = &first;
  part.msg_iovlen = 1;
  return __real_sendmsg(fd, &part, flags);
}

int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
  calls.accept4++;
  if (flags != (SOCK_NONBLOCK | SOCK_CLOEXEC)) abort();
  if (harness::refused(&faults.accept4)) return -1;
  return __real_accept4(fd, address, length, flags);
}

int __wrap_epoll_ctl(int epoll, int op, int fd, struct epoll_event *event) {
  calls.epoll_ctl++;
  if (op == EPOLL_CTL_MOD) abort();
  if (harness::refused(&faults.epoll_ctl)) return -1;
  return __real_epoll_ctl(epoll, op, fd, event);
}
}
