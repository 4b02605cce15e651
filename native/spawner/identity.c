// identity.c: groups, gid, uid, capabilities, securebits, no_new_privs.
#include "identity.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int CAPABILITIES_MAX = 64;
static const unsigned long SECUREBITS =
    SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
    SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

struct sets {
  uint64_t effective;
  uint64_t permitted;
  uint64_t inheritable;
};

static int sets_read(struct sets *sets) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data) != 0) return errno;
  sets->effective = data[0].effective | (uint64_t)data[1].effective << 32;
  sets->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
  sets->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
  return 0;
}

static int sets_write(const struct sets *sets) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const struct __user_cap_data_struct data[2] = {
      {(uint32_t)sets->effective, (uint32_t)sets->permitted, (uint32_t)sets->inheritable},
      {(uint32_t)(sets->effective >> 32), (uint32_t)(sets->permitted >> 32),
       (uint32_t)(sets->inheritable >> 32)},
  };
  return syscall(SYS_capset, &header, data) == 0 ? 0 : errno;
}

int identity_drop_groups(void) {
  if (setgroups(0, NULL) != 0) return errno;
  return getgroups(0, NULL) == 0 ? 0 : EPERM;
}

int identity_take_gid(gid_t gid) {
  gid_t real;
  gid_t effective;
  gid_t saved;
  if (setresgid(gid, gid, gid) != 0) return errno;
  if (getresgid(&real, &effective, &saved) != 0) return errno;
  return real == gid && effective == gid && saved == gid ? 0 : EPERM;
}

int identity_take_uid(uid_t uid) {
  uid_t real;
  uid_t effective;
  uid_t saved;
  if (uid == 0) return EINVAL;
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return errno;
  if (setresuid(uid, uid, uid) != 0) return errno;
  if (getresuid(&real, &effective, &saved) != 0) return errno;
  return real == uid && effective == uid && saved == uid ? 0 : EPERM;
}

/* Bounding set and securebits ask for CAP_SETPCAP in effect, which a change of uid takes away. */
static void raise_setpcap(void) {
  struct sets sets = {0};
  if (sets_read(&sets) != 0) return;
  sets.effective |= sets.permitted & (uint64_t)1 << CAP_SETPCAP;
  sets_write(&sets);
}

int identity_clear_bounding_set(uint64_t kept) {
  int fault = 0;
  raise_setpcap();
  for (int number = 0; number < CAPABILITIES_MAX; number++) {
    if ((kept >> number & 1) != 0 || prctl(PR_CAPBSET_READ, number, 0, 0, 0) != 1) continue;
    if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0) fault = errno;
    if (prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1 && fault == 0) fault = EPERM;
  }
  return fault;
}

int identity_lock_securebits(void) {
  raise_setpcap();
  const int set = prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0) == 0 ? 0 : errno;
  if (prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) == (int)SECUREBITS) return 0;
  return set != 0 ? set : EPERM;
}

int identity_keep_capabilities(uint64_t kept) {
  struct sets sets = {0};
  int fault = sets_read(&sets);
  if (fault != 0) return fault;
  const uint64_t wanted = sets.permitted & kept;
  const struct sets less = {.effective = wanted, .permitted = wanted, .inheritable = 0};
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  fault = sets_write(&less);
  if (fault == 0) fault = sets_read(&sets);
  if (fault != 0) return fault;
  for (int number = 0; number < CAPABILITIES_MAX; number++)
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, number, 0, 0) == 1) return EPERM;
  const bool as_asked =
      sets.effective == wanted && sets.permitted == wanted && sets.inheritable == 0;
  return as_asked ? 0 : EPERM;
}

int identity_drop_capabilities(void) {
  const int fault = identity_keep_capabilities(0);
  if (fault != 0) return fault;
  return setresuid(0, 0, 0) == 0 || setresuid((uid_t)-1, 0, (uid_t)-1) == 0 ? ENOTRECOVERABLE : 0;
}

int identity_no_new_privileges(void) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : EPERM;
}
