/* worker.h: makes a process a worker, step after step, and starts its program. */
#ifndef CDBSERVE_SPAWNER_WORKER_H
#define CDBSERVE_SPAWNER_WORKER_H

#include <stdint.h>
#include <sys/types.h>

#include "namespaces.h"
#include "plan.h"
#include "step.h"

struct birth {
  uint32_t role; /* the last argument of its program */
  const int *descriptors;
  int descriptors_count;
  struct report report;
  pid_t pid;
  int pidfd;
};

/* Starts a worker and waits until its program runs. True: pid and pidfd are of a running worker;
 * false: there is no child left, and report.step and its result say why. */
bool worker_start(const struct plan *plan, struct namespaces *namespaces, struct birth *birth);

#endif
