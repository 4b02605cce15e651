/* namespaces.h: which namespaces a worker gets, and which the kernel refuses. namespaces(7). */
#ifndef CDBSERVE_SPAWNER_NAMESPACES_H
#define CDBSERVE_SPAWNER_NAMESPACES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { NAMESPACES = 7 }; /* STEP_USER_NAMESPACE and those that follow it */

struct namespaces {
  uint64_t flags; /* CLONE_NEW*, for the next child */
  bool probed;
  int32_t results[NAMESPACES]; /* as far as known without a child */
  ino_t own[NAMESPACES];       /* of the spawner; 0: /proc does not tell */
};

/* Root needs no user namespace; anybody else gets the others only inside one. */
void namespaces_open(struct namespaces *namespaces, bool wanted, bool privileged);
/* A child in the namespaces of `flags`: fork(2) with clone3(2), and by itself where there are none.
 * Gives what fork gives, or -errno; in the parent also a descriptor of the child. */
pid_t namespaces_fork(uint64_t flags, int *pidfd);
/* After a refusal: tries each one alone and leaves those that are given. */
void namespaces_probe(struct namespaces *namespaces);
/* None from now on: a user namespace is of no use without its map of ids. */
void namespaces_give_up(struct namespaces *namespaces, int error);
/* In the child: fills the rows of results by comparing with the spawner's own. */
void namespaces_read_back(const struct namespaces *namespaces, int32_t *results);
/* In the child of an ordinary user: both ids mean themselves. 0 or an errno. */
int namespaces_map_ids(uid_t uid, gid_t gid);

#endif
