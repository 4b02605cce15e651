/* identity.h: who a process is, and what it may do as that.
 *
 * credentials(7), capabilities(7). Each function gives 0 when what is read back is what was asked
 * for, else an errno.
 */
#ifndef CDBSERVE_SPAWNER_IDENTITY_H
#define CDBSERVE_SPAWNER_IDENTITY_H

#include <stdint.h>
#include <sys/types.h>

int identity_drop_groups(void);
int identity_take_gid(gid_t gid);
/* Capabilities outlive it, so that the rest of the drop can be done; 0 is no uid to take. */
int identity_take_uid(uid_t uid);
int identity_clear_bounding_set(uint64_t kept);
/* SECBIT_NOROOT and the like, all locked. */
int identity_lock_securebits(void);
/* Effective and permitted become `kept`, less what the process has not; the others are emptied. */
int identity_keep_capabilities(uint64_t kept);
/* As above with nothing kept; then uid 0 must be out of reach. */
int identity_drop_capabilities(void);
int identity_no_new_privileges(void);

#endif
