/* status.h: the page in which a worker that may write nowhere shows that it lives, and leaves its
 * last words.
 *
 * A memfd made by the supervisor, mapped by the worker, read by the supervisor: as what a stranger
 * may have written. Layout mirrored in src/ops/status.ts.
 */
#ifndef CDBSERVE_STATUS_H
#define CDBSERVE_STATUS_H

#include <stdint.h>

enum status_kind { STATUS_SILENT, STATUS_REFUSED, STATUS_WORDS };
enum { STATUS_BYTES = 4096, STATUS_ARGUMENTS = 6, STATUS_WORDS_BYTES = 4028 };

struct status_page {
  uint32_t kind;
  int32_t number; /* STATUS_REFUSED: the call, where it was made, and with what */
  uint64_t instruction;
  uint64_t arguments[STATUS_ARGUMENTS];
  char words[STATUS_WORDS_BYTES]; /* STATUS_WORDS: a text that ends with the first zero */
  uint32_t beats;                 /* seconds in which the worker has taken a turn, so far */
};

/* A memfd of STATUS_BYTES that neither grows nor shrinks. Descriptor or -errno. */
int status_create(void);
/* Maps the page. From now on a system call that the filter refuses is noted there and ends the
 * process with `exit_code` (exit_group, no handler). 0 or -errno. */
int status_open(int descriptor, int exit_code);
/* One second more; nothing where there is no page. By memory alone, once a second. */
void status_beat(void);
/* Leaves the joined words in the page, or on standard error where there is none. */
void status_say(const char *const *words, uint32_t count);

#endif
