/* channel.h: sockets and pipes between the processes of one service.
 *
 * unix(7). Every descriptor made here is closed on exec. 0 or -errno.
 */
#ifndef CDBSERVE_CHANNEL_H
#define CDBSERVE_CHANNEL_H

#include <stddef.h>

enum { CHANNEL_DESCRIPTORS_MAX = 128 };

/* A stream socketpair. */
int channel_pair(int ends[2]);
/* The reading end first. */
int channel_pipe(int ends[2]);
/* The end may only receive from now on: neither bytes nor descriptors leave by it. */
int channel_mute(int end);
/* A datagram socket that sends to a path, or to an abstract name, which begins with `@`. A message
 * that nobody takes within a second is given up: EAGAIN. Descriptor or -errno; -EINVAL: neither. */
int channel_datagram(const char *address, size_t length);
/* All bytes, and the descriptors with the first of them; waits a second for a peer that is behind,
 * then -ETIMEDOUT. */
int channel_send(int end, const void *bytes, size_t length, const int *descriptors, size_t count);

#endif
