// process.cc: signals, the descriptor limit, the end.
#include "process.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int process_ignore_signals(void) {
  static const int ignored[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE};
  struct sigaction action = {};
  action.sa_handler = SIG_IGN;
  for (const int number : ignored)
    if (sigaction(number, &action, nullptr) != 0) return -errno;
  return 0;
}

int64_t process_raise_descriptors(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -errno;
  const struct rlimit raised = {limit.rlim_max, limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  const rlim_t top = INT32_MAX;
  return static_cast<int64_t>(limit.rlim_cur < top ? limit.rlim_cur : top);
}

void process_exit(int code) {
  for (;;) syscall(SYS_exit_group, code);
}
