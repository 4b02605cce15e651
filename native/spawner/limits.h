/* limits.h: resource limits of a worker, setrlimit(2).
 *
 * No address space limit: Node reserves more than it uses. RLIMIT_NPROC counts threads of the whole
 * user and is set by the worker itself when it has all of its own.
 */
#ifndef CDBSERVE_SPAWNER_LIMITS_H
#define CDBSERVE_SPAWNER_LIMITS_H

/* Open descriptors and bytes of private writable memory, at most what the spawner may have itself;
 * no core file, no growing file, no locked memory. 0 when all are read back, else an errno. */
int limits_take(unsigned long descriptors, unsigned long data_bytes);

#endif
