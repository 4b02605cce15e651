/* process.h: what a worker asks of its own process. */
#ifndef CDBSERVE_PROCESS_H
#define CDBSERVE_PROCESS_H

#include <stdint.h>

/* SIGTERM, SIGINT, SIGHUP, SIGUSR1 (Node's inspector), SIGUSR2, SIGPIPE. 0 or -errno. */
int process_ignore_signals(void);
/* Soft RLIMIT_NOFILE after it was raised to the hard one; a refusal leaves it as it was. Or -errno.
 * */
int64_t process_raise_descriptors(void);
/* exit_group(2): no handler, no destructor runs. */
[[noreturn]] void process_exit(int code);

#endif
