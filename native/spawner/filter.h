/* filter.h: system calls that neither the spawner nor a worker that starts has any use for. */
#ifndef CDBSERVE_SPAWNER_FILTER_H
#define CDBSERVE_SPAWNER_FILTER_H

/* Refuses them with ENOSYS from now on, in every child and for good; another architecture's entry
 * kills. Asks for no_new_privs. 0 when it is in force, else an errno. seccomp(2). */
int filter_take(void);

#endif
