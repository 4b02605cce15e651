/* landlock.h: what a process may still reach by path, port or signal. landlock(7), kernel 5.13.
 *
 * Only after the last mount: with any right over files handled, mount(2) and pivot_root(2) are
 * refused. Asks for no_new_privs.
 */
#ifndef CDBSERVE_SPAWNER_LANDLOCK_H
#define CDBSERVE_SPAWNER_LANDLOCK_H

#include <stdint.h>

/* The files may be read and executed, all else of the file system is out of reach; no TCP port may
 * be bound or connected to (ABI 4); no signal or abstract socket leads out (ABI 6). Results of
 * STEP_LANDLOCK_*: what the ABI has not is not asked. */
void landlock_take(char *const *files, int count, int32_t *results);

#endif
