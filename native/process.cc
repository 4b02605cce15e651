// process.cc: signals, limits, what is given up for good, the end.
#include "process.h"

#include <errno.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#define PR_GET_MDWE 66
#endif

int process_ignore_signals(void) {
  static const int ignored[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE};
  struct sigaction action = {};
  action.sa_handler = SIG_IGN;
  for (const int number : ignored)
    if (sigaction(number, &action, nullptr) != 0) return -errno;
  // Node's own handler would make calls that are refused, and hide what happened.
  action.sa_handler = SIG_DFL;
  return sigaction(SIGSEGV, &action, nullptr) == 0 ? 0 : -errno;
}

int64_t process_raise_descriptors(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -errno;
  const struct rlimit raised = {limit.rlim_max, limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  const rlim_t top = INT32_MAX;
  return static_cast<int64_t>(limit.rlim_cur < top ? limit.rlim_cur : top);
}

int process_harden(int refuse_exec_gain, struct process_hardening *read_back) {
  const struct rlimit none = {0, 0};
  if (prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) != 0) return -errno;
  if (setrlimit(RLIMIT_NPROC, &none) != 0) return -errno;
  // Refused by kernels before 6.3: what holds is read back.
  if (refuse_exec_gain) prctl(PR_SET_MDWE, static_cast<long>(PR_MDWE_REFUSE_EXEC_GAIN), 0L, 0L, 0L);
  read_back->dumpable = prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L);
  read_back->exec_gain_refused = prctl(PR_GET_MDWE, 0L, 0L, 0L, 0L) > 0;
  return 0;
}

void process_read(struct process_facts *facts) {
  facts->dumpable = prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L);
  facts->exec_gain_refused = prctl(PR_GET_MDWE, 0L, 0L, 0L, 0L);
  facts->securebits = prctl(PR_GET_SECUREBITS, 0L, 0L, 0L, 0L);
  if (prctl(PR_GET_PDEATHSIG, &facts->death_signal, 0L, 0L, 0L) != 0) facts->death_signal = -1;
  facts->landlock_abi = static_cast<int>(
      syscall(SYS_landlock_create_ruleset, nullptr, 0UL, LANDLOCK_CREATE_RULESET_VERSION));
}

int process_threads_beginning(void) {
  const pid_t first = getpid() + 1, numbers = 1'024;
  int beginning = 0;
  for (pid_t thread = first; thread < first + numbers; thread++) {
    const void *list = nullptr;
    size_t bytes = 0;
    // Those of the kernel have no list either, and the lists of others may be open to us.
    if (syscall(SYS_tgkill, getpid(), thread, 0) != 0 && errno == ESRCH) continue;
    if (syscall(SYS_get_robust_list, thread, &list, &bytes) == 0 && list == nullptr) beginning++;
  }
  return beginning;
}

int process_on_refusal(void (*handler)(int, siginfo_t *, void *)) {
  struct sigaction action = {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO;
  sigfillset(&action.sa_mask);
  return sigaction(SIGSYS, &action, nullptr) == 0 ? 0 : -errno;
}

static bool is_among(pid_t pid, const int32_t *own, size_t count) {
  for (size_t at = 0; at < count; at++)
    if (own[at] == pid) return true;
  return false;
}

int process_bury_others(const int32_t *own, size_t count) {
  for (;;) {
    siginfo_t dead = {};
    if (waitid(P_ALL, 0, &dead, WEXITED | WNOHANG | WNOWAIT) != 0 || dead.si_pid == 0) return 0;
    if (is_among(dead.si_pid, own, count)) return 1;
    waitid(P_PID, static_cast<id_t>(dead.si_pid), &dead, WEXITED | WNOHANG);
  }
}

void process_exit(int code) {
  for (;;) syscall(SYS_exit_group, code);
}
