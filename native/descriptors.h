/* descriptors.h: which descriptors a process has, and none free below the first connection's. */
#ifndef CDBSERVE_DESCRIPTORS_H
#define CDBSERVE_DESCRIPTORS_H

enum descriptor_kind {
  DESCRIPTOR_CLOSED,
  DESCRIPTOR_EPOLL,
  DESCRIPTOR_EVENT, /* eventfd(2) */
  DESCRIPTOR_OTHER,
};

/* By what the kernel lets be done with it: there may be no /proc to look into. */
enum descriptor_kind descriptor_kind(int descriptor);
/* Moves `descriptor` above all others and fills every number below it with copies of `filler`.
 * Gives its new number, from which on everything is free: accept(2) takes the lowest. Or -errno. */
int descriptor_move_to_top(int descriptor, int filler);

#endif
