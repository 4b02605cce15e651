/* plan.h: what every worker will be, fixed by the spawner's own arguments.
 *
 * spawner MODE UID GID DESCRIPTORS DATA INHERITED FILE... -- PROGRAM ARGUMENT...
 */
#ifndef CDBSERVE_SPAWNER_PLAN_H
#define CDBSERVE_SPAWNER_PLAN_H

#include <stdbool.h>
#include <sys/types.h>

#define PLAN_FILES_MAX 64

/* off: no step at all; auto: without those the kernel refuses, as long as the core ones are taken;
 * require: all or none. */
enum mode { MODE_OFF, MODE_AUTO, MODE_REQUIRE };

struct plan {
  enum mode mode;
  bool privileged; /* started by root: groups, gid and uid change */
  uid_t uid;
  gid_t gid;
  unsigned long descriptors; /* RLIMIT_NOFILE of a worker */
  unsigned long data_bytes;  /* RLIMIT_DATA of a worker */
  int inherited;             /* descriptors a worker is given, standard error first */
  char **files;              /* absolute; the only ones a worker sees */
  int files_count;
  char **command; /* program and arguments; the role of a request follows */
  int command_count;
};

/* False: the arguments are not of the form above. */
bool plan_read(struct plan *plan, int count, char **arguments);

#endif
