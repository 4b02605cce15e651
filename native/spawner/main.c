// main.c: the spawner: parent of all workers, and the only process that stays privileged.
//
// Started with the control socket as descriptor 3, before the supervisor gives up root. Ends when
// that socket is closed at the other end; whatever ends it, its workers end with it.
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "filter.h"
#include "identity.h"
#include "plan.h"
#include "service.h"

enum { CONTROL = 3, EXIT_USAGE = 2, EXIT_IDENTITY = 4 };

/* Namespaces and mounts; the drop of a worker's identity; files below a home of mode 0700 are bound
 * by DAC_READ_SEARCH, and workers of another uid are ended by KILL. */
static const uint64_t CAPABILITIES = 1ull << CAP_SYS_ADMIN | 1ull << CAP_SETUID |
                                     1ull << CAP_SETGID | 1ull << CAP_SETPCAP |
                                     1ull << CAP_DAC_READ_SEARCH | 1ull << CAP_KILL;

static int say(const char *what, int error) {
  fprintf(stderr, "spawner: %s: %s\n", what, strerror(error));
  return EXIT_IDENTITY;
}

/* Only EOF on the control socket ends it. */
static void ignore_signals(void) {
  static const int ignored[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE};
  for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) signal(ignored[i], SIG_IGN);
}

static int take_identity(const struct plan *plan) {
  int fault = identity_no_new_privileges();
  if (fault != 0) return say("cannot set no_new_privs", fault);
  if (!plan->privileged) return 0;
  // Without CAP_SETPCAP the set stays: with no_new_privs nothing can be gained from it.
  identity_clear_bounding_set(CAPABILITIES);
  fault = identity_keep_capabilities(CAPABILITIES);
  return fault == 0 ? 0 : say("cannot give up capabilities", fault);
}

int main(int count, char **arguments) {
  static struct plan plan;
  if (!plan_read(&plan, count, arguments)) {
    fputs("spawner: started by cdbserve only\n", stderr);
    return EXIT_USAGE;
  }
  closefrom(CONTROL + 1);
  fcntl(CONTROL, F_SETFD, FD_CLOEXEC);
  ignore_signals();
  setsid();
  umask(0022);
  if (chdir("/") != 0) return say("cannot change to /", ENOENT);
  const bool confined = plan.mode != MODE_OFF;
  const int fault = confined ? take_identity(&plan) : 0;
  if (fault != 0) return fault;
  service_run(&plan, CONTROL, confined ? filter_take() : 0);
  return 0;
}
