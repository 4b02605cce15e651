/* lockdown.h: puts a table of allowed system calls in force, for the whole process and for good.
 *
 * Whatever is not in the table raises SIGSYS and does not run; what comes by another architecture's
 * entry (x32, int 0x80) kills the process. Filters add up: a call must be in every table.
 */
#ifndef CDBSERVE_LOCKDOWN_H
#define CDBSERVE_LOCKDOWN_H

#include <stdint.h>

enum { LOCKDOWN_ARGUMENTS = 6 };

/* The argument's bits under the mask are those of the value; under no bit, it is at least that. */
struct lockdown_comparison {
  uint32_t argument;
  uint64_t mask, value;
};

/* All comparisons hold; each argument stands in one of them at most. */
struct lockdown_rule {
  const char *call;
  int fault; /* 0: the call is allowed; else it does not run and gives this errno */
  uint32_t count;
  struct lockdown_comparison comparisons[LOCKDOWN_ARGUMENTS];
};

/* Sets no_new_privs too. 0, or -errno with *step naming what was refused. */
int lockdown_install(const struct lockdown_rule *rules, uint32_t count, const char **step);
/* Name of a system call of this machine into `name`, always ended by zero; empty: it has none. */
void lockdown_call_name(int32_t number, char *name, uint32_t bytes);

#endif
