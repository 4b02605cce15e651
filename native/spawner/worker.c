// worker.c: the list of steps, the child that takes them, and the parent that hears of it.
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "identity.h"
#include "landlock.h"
#include "limits.h"
#include "world.h"

/* The whole environment of a worker: nothing of ours may be read from inside it. */
static char *const ENVIRONMENT[] = {"MALLOC_ARENA_MAX=1", "TZ=UTC", NULL};

enum { ROLE_TEXT_BYTES = 16 };

struct child {
  const struct plan *plan;
  const struct namespaces *namespaces;
  struct birth *birth;
  int report; /* closed by a successful exec, which is how the parent hears of it */
};

static int32_t take_world(const struct child *child) {
  const int32_t mounts = child->birth->report.results[STEP_MOUNT_NAMESPACE];
  return mounts == 0 ? world_enter(child->plan->files, child->plan->files_count) : mounts;
}

/* In the user namespace of an ordinary user setgroups(2) is refused for good. */
static int32_t take_groups(const struct child *child) {
  return child->plan->privileged ? identity_drop_groups() : STEP_NOT_ASKED;
}

static int32_t take_gid(const struct child *child) {
  return identity_take_gid(child->plan->gid);
}

static int32_t take_uid(const struct child *child) {
  return identity_take_uid(child->plan->uid);
}

static int32_t take_bounding_set(const struct child *child) {
  (void)child;
  return identity_clear_bounding_set(0);
}

static int32_t take_securebits(const struct child *child) {
  (void)child;
  return identity_lock_securebits();
}

static int32_t take_capabilities(const struct child *child) {
  (void)child;
  return identity_drop_capabilities();
}

static int32_t take_no_new_privs(const struct child *child) {
  (void)child;
  return identity_no_new_privileges();
}

static int32_t take_limits(const struct child *child) {
  return limits_take(child->plan->descriptors, child->plan->data_bytes);
}

/* Fills its own row and the two after it. */
static int32_t take_landlock(const struct child *child) {
  int32_t *results = child->birth->report.results;
  landlock_take(child->plan->files, child->plan->files_count, results);
  return results[STEP_LANDLOCK_FILES];
}

/* A change of credentials clears it: it comes after the last one. */
static int32_t take_death_signal(const struct child *child) {
  (void)child;
  int number = 0;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return errno;
  if (prctl(PR_GET_PDEATHSIG, &number, 0, 0, 0) != 0) return errno;
  return number == SIGKILL ? 0 : EPERM;
}

static const struct {
  enum step step;
  int32_t (*take)(const struct child *child);
  bool core; /* without it there is no worker, whatever the mode */
} table[] = {
    {STEP_WORLD, take_world, false},
    {STEP_GROUPS, take_groups, true},
    {STEP_GID, take_gid, true},
    {STEP_UID, take_uid, true},
    {STEP_BOUNDING_SET, take_bounding_set, false},
    {STEP_SECUREBITS, take_securebits, false},
    {STEP_CAPABILITIES, take_capabilities, true},
    {STEP_NO_NEW_PRIVS, take_no_new_privs, true},
    {STEP_LIMITS, take_limits, true},
    {STEP_LANDLOCK_FILES, take_landlock, false},
    {STEP_DEATH_SIGNAL, take_death_signal, true},
};

enum { ROWS = sizeof table / sizeof table[0] };

static bool is_core(enum step step) {
  for (int row = 0; row < ROWS; row++)
    if (table[row].step == step) return table[row].core;
  return false;
}

/* The first step without which the mode allows no worker, or -1. */
static int32_t first_lack(const struct report *report, enum mode mode) {
  for (int step = 0; step < STEPS; step++)
    if (report->results[step] > 0 && is_core((enum step)step)) return step;
  for (int step = 0; step < STEPS && mode == MODE_REQUIRE; step++)
    if (report->results[step] > 0) return step;
  return -1;
}

/* All are tried even after one has failed: the operator reads of every lack at once. */
static void take_steps(const struct child *child) {
  struct report *report = &child->birth->report;
  const struct plan *plan = child->plan;
  if ((child->namespaces->flags & CLONE_NEWUSER) != 0) {
    const int fault = namespaces_map_ids(plan->uid, plan->gid);
    report->results[STEP_USER_NAMESPACE] = fault;
    report->step = fault == 0 ? -1 : STEP_USER_NAMESPACE;
    if (fault != 0) return;
  }
  namespaces_read_back(child->namespaces, report->results);
  for (int row = 0; row < ROWS; row++) report->results[table[row].step] = table[row].take(child);
  report->step = first_lack(report, plan->mode);
}

static void finish(struct child *child, enum step step, int error) {
  child->birth->report.step = (int32_t)step;
  child->birth->report.results[step] = error;
  const ssize_t written =
      write(child->report, &child->birth->report, sizeof child->birth->report);
  _exit(written < 0 ? 2 : 1);
}

/* Never returns: the process becomes the worker, or ends. */
static void become(struct child *child, char *const *command) {
  struct birth *birth = child->birth;
  if (child->plan->mode != MODE_OFF) take_steps(child);
  if (birth->report.step >= 0)
    finish(child, (enum step)birth->report.step, birth->report.results[birth->report.step]);
  const int placed =
      descriptors_place(birth->descriptors, birth->descriptors_count, &child->report);
  if (placed != 0) finish(child, STEP_DESCRIPTORS, placed);
  birth->report.results[STEP_DESCRIPTORS] = 0;
  birth->report.results[STEP_EXEC] = 0;
  // A spawner that died before the death signal was set reads no report: SIGPIPE is ignored here.
  if (write(child->report, &birth->report, sizeof birth->report) < 0) _exit(2);
  if (chdir("/") != 0) finish(child, STEP_EXEC, errno);
  execve(command[0], command, ENVIRONMENT);
  finish(child, STEP_EXEC, errno);
}

static bool read_report(int from, struct report *report) {
  struct report heard;
  ssize_t got;
  do got = read(from, &heard, sizeof heard);
  while (got < 0 && errno == EINTR);
  if (got != (ssize_t)sizeof heard) return false;
  *report = heard;
  return true;
}

/* One report before exec; a second one only when exec fails. */
static bool hear(int from, struct report *report) {
  if (!read_report(from, report)) {
    report->step = STEP_CLONE;
    report->results[STEP_CLONE] = ECHILD;
    return false;
  }
  while (report->step < 0 && read_report(from, report)) {
  }
  return report->step < 0;
}

static void clear(struct report *report) {
  report->step = -1;
  for (int step = 0; step < STEPS; step++) report->results[step] = STEP_NOT_ASKED;
}

static bool fail(struct birth *birth, int error) {
  birth->report.step = STEP_CLONE;
  birth->report.results[STEP_CLONE] = error;
  return false;
}

static bool attempt(const struct plan *plan, const struct namespaces *namespaces,
                    struct birth *birth, char *const *command) {
  int ends[2];
  clear(&birth->report);
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(birth, errno);
  birth->pid = namespaces_fork(namespaces->flags, &birth->pidfd);
  if (birth->pid == 0) {
    struct child child = {plan, namespaces, birth, ends[1]};
    close(ends[0]);
    become(&child, command);
  }
  close(ends[1]);
  const bool born = birth->pid > 0 ? hear(ends[0], &birth->report) : fail(birth, -birth->pid);
  close(ends[0]);
  if (born || birth->pid < 0) return born;
  close(birth->pidfd);
  while (waitpid(birth->pid, NULL, 0) < 0 && errno == EINTR) {
  }
  return false;
}

bool worker_start(const struct plan *plan, struct namespaces *namespaces, struct birth *birth) {
  char role[ROLE_TEXT_BYTES];
  char *command[plan->command_count + 2];
  snprintf(role, sizeof role, "%u", birth->role);
  memcpy(command, plan->command, (size_t)plan->command_count * sizeof *command);
  command[plan->command_count] = role;
  command[plan->command_count + 1] = NULL;
  for (;;) {
    if (attempt(plan, namespaces, birth, command)) return true;
    const int32_t step = birth->report.step;
    if (namespaces->flags == 0) return false;
    if (step != STEP_CLONE && step != STEP_USER_NAMESPACE) return false;
    if (step == STEP_CLONE && !namespaces->probed) namespaces_probe(namespaces);
    else namespaces_give_up(namespaces, birth->report.results[step]);
  }
}
