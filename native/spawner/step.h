/* step.h: everything that is done for a worker before its program runs, and how it went.
 *
 * The order of this list is the order of doing, and a contract with src/ops/steps.ts.
 */
#ifndef CDBSERVE_SPAWNER_STEP_H
#define CDBSERVE_SPAWNER_STEP_H

#include <stdint.h>

enum step {
  STEP_REQUEST,
  STEP_CLONE,
  STEP_USER_NAMESPACE,
  STEP_MOUNT_NAMESPACE,
  STEP_NETWORK_NAMESPACE,
  STEP_PID_NAMESPACE,
  STEP_IPC_NAMESPACE,
  STEP_UTS_NAMESPACE,
  STEP_CGROUP_NAMESPACE,
  STEP_WORLD,
  STEP_GROUPS,
  STEP_GID,
  STEP_UID,
  STEP_BOUNDING_SET,
  STEP_SECUREBITS,
  STEP_CAPABILITIES,
  STEP_NO_NEW_PRIVS,
  STEP_LIMITS,
  STEP_LANDLOCK_FILES,
  STEP_LANDLOCK_NETWORK,
  STEP_LANDLOCK_SCOPE,
  STEP_DEATH_SIGNAL,
  STEP_DESCRIPTORS,
  STEP_EXEC,
  STEPS
};

/* Result of a step: 0: taken and read back; above 0: the errno it failed with; or this: */
#define STEP_NOT_ASKED (-1)

/* What a child tells the spawner before it becomes a worker. */
struct report {
  int32_t step; /* the one that ended it, or -1 */
  int32_t results[STEPS];
};

#endif
