// privilege.cc: bounding set, groups, gid, uid, capabilities, no_new_privs.
#include "privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int CAPABILITIES_MAX = 64;

// The set yields to CAP_SETPCAP alone; with no_new_privs what is left in it is nobody's to gain.
static void clear_bounding_set(void) {
  for (int number = 0; number < CAPABILITIES_MAX; number++)
    if (prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1) prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
}

static int change_ids(uid_t uid, gid_t gid, const char **call) {
  *call = "setgroups";
  if (setgroups(0, nullptr) != 0) return -errno;
  *call = "setresgid";
  if (setresgid(gid, gid, gid) != 0) return -errno;
  *call = "setresuid";
  return setresuid(uid, uid, uid) == 0 ? 0 : -errno;
}

static int clear_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  const struct __user_cap_data_struct none[2] = {};
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  return syscall(SYS_capset, &header, none) == 0 ? 0 : -errno;
}

// A filter that allows everything: its installation carries no_new_privs into every thread.
static int forbid_new_privileges(void) {
  struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const struct sock_fprog program = {1, &allow};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
  const unsigned flags = SECCOMP_FILTER_FLAG_TSYNC;
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) == 0 ? 0 : -errno;
}

int privilege_drop(uid_t uid, gid_t gid, const char **call) {
  clear_bounding_set();
  const int changed = geteuid() == 0 ? change_ids(uid, gid, call) : 0;
  if (changed != 0) return changed;
  *call = "capset";
  const int cleared = clear_capabilities();
  if (cleared != 0) return cleared;
  *call = "seccomp";
  return forbid_new_privileges();
}
