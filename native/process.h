/* process.h: what a worker asks of its own process. */
#ifndef CDBSERVE_PROCESS_H
#define CDBSERVE_PROCESS_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

/* SIGTERM, SIGINT, SIGHUP, SIGUSR1 (Node's inspector), SIGUSR2, SIGPIPE; SIGSEGV ends the process.
 * 0 or -errno. */
int process_ignore_signals(void);
/* Soft RLIMIT_NOFILE after it was raised to the hard one; a refusal leaves it as it was. Or -errno.
 * */
int64_t process_raise_descriptors(void);
struct process_hardening {
  int dumpable;          /* PR_GET_DUMPABLE as read back: 0 */
  int exec_gain_refused; /* PR_GET_MDWE as read back; 0 also where the kernel is older than 6.3 */
};

/* No core dump, no ptrace by its own user; no new process or thread; where asked for, no page ever
 * becomes executable (memory-deny-write-execute). 0 or -errno. */
int process_harden(int refuse_exec_gain, struct process_hardening *read_back);
/* What no other process can read of this one, prctl(2) and landlock(7); -1: the kernel has no such
 * thing. */
struct process_facts {
  int dumpable;          /* PR_GET_DUMPABLE */
  int exec_gain_refused; /* PR_GET_MDWE, Linux 6.3 */
  int securebits;        /* PR_GET_SECUREBITS */
  int death_signal;      /* PR_GET_PDEATHSIG; 0: none */
  int landlock_abi;      /* of the kernel, whether this process is restricted or not */
};
void process_read(struct process_facts *facts);
/* Threads of this process that have not begun: glibc has every thread register its robust list
 * before it does anything of its own, get_robust_list(2). Looks at the numbers that follow the
 * process's own, so that it misses none in a pid namespace of its own, and some elsewhere. */
int process_threads_beginning(void);
/* From now on a system call that a filter traps, in whatever thread, is `handler`'s, with every
 * other signal held back. 0 or -errno. */
int process_on_refusal(void (*handler)(int, siginfo_t *, void *));
/* Buries children that have ended, but for those of `own`, which somebody else waits for: process 1
 * has the orphans of its namespace. 1: one of `own` stands before what may be others; else 0. */
int process_bury_others(const int32_t *own, size_t count);
/* exit_group(2): no handler, no destructor runs. */
[[noreturn]] void process_exit(int code);

#endif
