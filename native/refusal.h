/* refusal.h: for a process that may write: says on standard error which system call its filter
 * refused, and ends.
 */
#ifndef CDBSERVE_REFUSAL_H
#define CDBSERVE_REFUSAL_H

enum { REFUSAL_TEXT_BYTES = 512 };

/* From now on a system call that the filter refuses, in whatever thread, ends the process with
 * `exit_code` (exit_group, no handler), after `before`, the call's name, number and place, and
 * `after`. Texts are cut at REFUSAL_TEXT_BYTES. 0 or -errno. */
int refusal_tell(const char *before, const char *after, int exit_code);

#endif
