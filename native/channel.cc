// channel.cc: socketpair, pipe, datagrams, shutdown, sendmsg.
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static const int WAIT_MS = 1000;

int channel_pair(int ends[2]) {
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 ? 0 : -errno;
}

int channel_pipe(int ends[2]) {
  return pipe2(ends, O_CLOEXEC) == 0 ? 0 : -errno;
}

int channel_mute(int end) {
  return shutdown(end, SHUT_WR) == 0 ? 0 : -errno;
}

int channel_datagram(const char *address, size_t length) {
  struct sockaddr_un to = {};
  const struct timeval patience = {1, 0};
  const bool known = length > 1 && (address[0] == '/' || address[0] == '@');
  if (!known || memchr(address, '\0', length) != nullptr) return -EINVAL;
  if (length >= sizeof to.sun_path) return -ENAMETOOLONG;
  to.sun_family = AF_UNIX;
  memcpy(to.sun_path, address, length);
  if (address[0] == '@') to.sun_path[0] = '\0';
  // An abstract name ends where its length says: unix(7).
  const size_t used = offsetof(struct sockaddr_un, sun_path) + length + (address[0] == '/');
  const int end = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (end < 0) return -errno;
  if (connect(end, reinterpret_cast<const struct sockaddr *>(&to), static_cast<socklen_t>(used)) ==
          0 &&
      setsockopt(end, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0)
    return end;
  const int fault = errno;
  close(end);
  return -fault;
}

static int wait_for_room(int end) {
  struct pollfd wait = {end, POLLOUT, 0};
  const int ready = poll(&wait, 1, WAIT_MS);
  if (ready < 0) return errno == EINTR ? 0 : -errno;
  return ready == 0 ? -ETIMEDOUT : 0;
}

static ssize_t send_part(int end, const char *bytes, size_t length, const int *descriptors,
                         size_t count) {
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(CHANNEL_DESCRIPTORS_MAX * sizeof(int))];
  } ancillary = {};
  struct iovec part = {const_cast<char *>(bytes), length};
  struct msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (count > 0) {
    message.msg_control = &ancillary;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(rights), descriptors, count * sizeof(int));
  }
  return sendmsg(end, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int channel_send(int end, const void *bytes, size_t length, const int *descriptors, size_t count) {
  if (count > CHANNEL_DESCRIPTORS_MAX) return -E2BIG;
  const char *from = static_cast<const char *>(bytes);
  size_t sent = 0;
  while (sent < length) {
    const size_t left = sent == 0 ? count : 0;
    const ssize_t part = send_part(end, from + sent, length - sent, descriptors, left);
    if (part > 0) sent += static_cast<size_t>(part);
    if (part >= 0 || errno == EINTR) continue;
    const int waited = errno == EAGAIN ? wait_for_room(end) : -errno;
    if (waited != 0) return waited;
  }
  return 0;
}
