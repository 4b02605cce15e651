/* request.h: what is said over the control socket. A contract with src/ops/spawner.ts.
 *
 * Requests and replies have one size each, so that a stream needs no frames. Whoever sends them is
 * not trusted: a request that is not exactly right is answered and does nothing. A request says
 * only what differs from worker to worker: all else is in the plan.
 */
#ifndef CDBSERVE_SPAWNER_REQUEST_H
#define CDBSERVE_SPAWNER_REQUEST_H

#include <stdint.h>

#include "descriptors.h"
#include "step.h"

/* Slots: two generations of 64 workers, and who verifies an archive. Roles: to serve one, and to
 * verify it. */
enum { SLOTS = 129, ROLES = 2, REQUEST_BYTES = 12 };

enum request_kind { REQUEST_START = 1, REQUEST_KILL = 2 };

struct request {
  uint32_t kind;
  uint32_t slot;
  uint32_t role; /* START: for the worker to read; KILL: 0 */
};

enum reply_kind { REPLY_HELLO = 1, REPLY_STARTED = 2, REPLY_FAILED = 3, REPLY_EXITED = 4 };

struct reply {
  int32_t kind;
  int32_t slot;   /* HELLO: how many there are */
  int32_t pid;    /* STARTED, EXITED. HELLO: REQUEST_BYTES */
  int32_t code;   /* EXITED by itself. HELLO: STEPS */
  int32_t signal; /* EXITED by one, else 0. HELLO: why it has no filter, or 0 */
  int32_t step;   /* FAILED, else -1 */
  int32_t results[STEPS];
};

/* What has come of a request so far. */
struct inbox {
  struct request request;
  uint32_t received;
  int descriptors[DESCRIPTORS_MAX];
  int descriptors_count;
  int overflow; /* more descriptors came than one request may have */
};

enum inbox_state { INBOX_PARTIAL, INBOX_WHOLE, INBOX_ENDED };

/* One recvmsg(2), which does not wait. */
enum inbox_state inbox_receive(struct inbox *inbox, int control);
/* 0, or the errno a whole request is refused with: EPROTO. A start must bring exactly `inherited`
 * descriptors, a kill none. */
int inbox_check(const struct inbox *inbox, int inherited);
/* Closes the descriptors; ready for the next request. */
void inbox_clear(struct inbox *inbox);

#endif
