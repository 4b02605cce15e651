// request.c: receives requests and checks them.
#include "request.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

_Static_assert(sizeof(struct request) == REQUEST_BYTES, "mirror of REQUEST_BYTES in spawner.ts");
_Static_assert(sizeof(struct reply) == (6 + STEPS) * 4, "mirror of REPLY_BYTES in spawner.ts");

union control_bytes {
  struct cmsghdr align;
  char bytes[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
};

static void keep(struct inbox *inbox, int descriptor) {
  if (inbox->descriptors_count < DESCRIPTORS_MAX) {
    inbox->descriptors[inbox->descriptors_count++] = descriptor;
    return;
  }
  inbox->overflow = 1;
  close(descriptor);
}

static void keep_all(struct inbox *inbox, struct msghdr *message) {
  for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL;
       part = CMSG_NXTHDR(message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int descriptor;
      memcpy(&descriptor, CMSG_DATA(part) + i * sizeof(int), sizeof descriptor);
      keep(inbox, descriptor);
    }
  }
  if ((message->msg_flags & MSG_CTRUNC) != 0) inbox->overflow = 1;
}

enum inbox_state inbox_receive(struct inbox *inbox, int control) {
  union control_bytes ancillary;
  struct iovec rest = {.iov_base = (char *)&inbox->request + inbox->received,
                       .iov_len = sizeof inbox->request - inbox->received};
  struct msghdr message = {.msg_iov = &rest,
                           .msg_iovlen = 1,
                           .msg_control = &ancillary,
                           .msg_controllen = sizeof ancillary};
  const ssize_t got = recvmsg(control, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? INBOX_PARTIAL : INBOX_ENDED;
  keep_all(inbox, &message);
  if (got == 0) return INBOX_ENDED;
  inbox->received += (uint32_t)got;
  return inbox->received == sizeof inbox->request ? INBOX_WHOLE : INBOX_PARTIAL;
}

int inbox_check(const struct inbox *inbox, int inherited) {
  const struct request *request = &inbox->request;
  const bool starts = request->kind == REQUEST_START;
  const bool sound = (starts || request->kind == REQUEST_KILL) && request->slot < SLOTS &&
                     request->role < (starts ? ROLES : 1) && inbox->overflow == 0 &&
                     inbox->descriptors_count == (starts ? inherited : 0);
  return sound ? 0 : EPROTO;
}

void inbox_clear(struct inbox *inbox) {
  for (int i = 0; i < inbox->descriptors_count; i++) close(inbox->descriptors[i]);
  memset(inbox, 0, sizeof *inbox);
}
