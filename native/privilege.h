/* privilege.h: gives up for good what a start as root brought. credentials(7), capabilities(7).
 *
 * glibc changes groups, gid and uid in all threads; a change of uid from 0 takes the capabilities
 * of each. no_new_privs is set in all by seccomp(2), which alone can. Bounding, ambient and
 * inheritable set are those of the calling thread: the others cannot use theirs any more.
 */
#ifndef CDBSERVE_PRIVILEGE_H
#define CDBSERVE_PRIVILEGE_H

#include <sys/types.h>

/* Not of root: only groups and ids stay as they are. 0 or -errno with the refused call's name in
 * *call. What came of it is for the caller to read back. */
int privilege_drop(uid_t uid, gid_t gid, const char **call);

#endif
