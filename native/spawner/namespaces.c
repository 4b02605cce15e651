// namespaces.c: clone3 with all, else with those that are given one by one.
#include "namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "step.h"

/* In the order of STEP_*_NAMESPACE. */
static const struct {
  uint64_t flag;
  const char *file;
} table[NAMESPACES] = {
    {CLONE_NEWUSER, "/proc/self/ns/user"}, {CLONE_NEWNS, "/proc/self/ns/mnt"},
    {CLONE_NEWNET, "/proc/self/ns/net"},   {CLONE_NEWPID, "/proc/self/ns/pid"},
    {CLONE_NEWIPC, "/proc/self/ns/ipc"},   {CLONE_NEWUTS, "/proc/self/ns/uts"},
    {CLONE_NEWCGROUP, "/proc/self/ns/cgroup"},
};

static ino_t inode_of(const char *file) {
  struct stat status;
  return stat(file, &status) == 0 ? status.st_ino : 0;
}

void namespaces_open(struct namespaces *namespaces, bool wanted, bool privileged) {
  memset(namespaces, 0, sizeof *namespaces);
  for (int i = 0; i < NAMESPACES; i++) {
    const bool asked = wanted && (table[i].flag != CLONE_NEWUSER || !privileged);
    if (asked) namespaces->flags |= table[i].flag;
    namespaces->results[i] = asked ? 0 : STEP_NOT_ASKED;
    namespaces->own[i] = inode_of(table[i].file);
  }
}

pid_t namespaces_fork(uint64_t flags, int *pidfd) {
  struct clone_args arguments = {
      .flags = flags | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = SIGCHLD};
  const pid_t cloned = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
  if (cloned >= 0) return cloned;
  if (flags != 0) return -errno;
  // Container runtimes answer clone3 with ENOSYS: its flags lie where their filter cannot look.
  const pid_t forked = fork();
  if (forked < 0) return -errno;
  if (forked > 0) *pidfd = (int)syscall(SYS_pidfd_open, forked, 0);
  return forked;
}

/* 0 or the errno that refuses it. */
static int try_alone(uint64_t flags) {
  int pidfd;
  const pid_t child = namespaces_fork(flags, &pidfd);
  if (child < 0) return -child;
  if (child == 0) _exit(0);
  close(pidfd);
  while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
  }
  return 0;
}

void namespaces_probe(struct namespaces *namespaces) {
  const uint64_t user = namespaces->flags & CLONE_NEWUSER;
  const uint64_t wanted = namespaces->flags;
  namespaces->probed = true;
  namespaces->flags = 0;
  for (int i = 0; i < NAMESPACES; i++) {
    if ((wanted & table[i].flag) == 0) continue;
    namespaces->results[i] = try_alone(user | table[i].flag);
    if (namespaces->results[i] == 0) namespaces->flags |= table[i].flag;
  }
}

void namespaces_give_up(struct namespaces *namespaces, int error) {
  for (int i = 0; i < NAMESPACES; i++)
    if ((namespaces->flags & table[i].flag) != 0) namespaces->results[i] = error;
  namespaces->flags = 0;
}

void namespaces_read_back(const struct namespaces *namespaces, int32_t *results) {
  for (int i = 0; i < NAMESPACES; i++) {
    results[STEP_USER_NAMESPACE + i] = namespaces->results[i];
    if ((namespaces->flags & table[i].flag) == 0) continue;
    const ino_t inode = inode_of(table[i].file);
    const bool own = inode != 0 && namespaces->own[i] != 0 && inode != namespaces->own[i];
    results[STEP_USER_NAMESPACE + i] = own ? 0 : inode == 0 ? ENOENT : EPERM;
  }
}

static int put(const char *file, const char *text) {
  const int target = open(file, O_WRONLY | O_CLOEXEC);
  if (target < 0) return errno;
  const ssize_t length = (ssize_t)strlen(text);
  const ssize_t written = write(target, text, (size_t)length);
  const int fault = written == length ? 0 : written < 0 ? errno : EIO;
  close(target);
  return fault;
}

int namespaces_map_ids(uid_t uid, gid_t gid) {
  char line[64];
  int fault = put("/proc/self/setgroups", "deny");
  if (fault != 0) return fault;
  snprintf(line, sizeof line, "%u %u 1", uid, uid);
  fault = put("/proc/self/uid_map", line);
  if (fault != 0) return fault;
  snprintf(line, sizeof line, "%u %u 1", gid, gid);
  fault = put("/proc/self/gid_map", line);
  if (fault != 0) return fault;
  return getuid() == uid && getgid() == gid ? 0 : EPERM;
}
