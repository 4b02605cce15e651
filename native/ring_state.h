/* ring_state.h: what the ring's own files share. Nobody else includes it.
 *
 * ring.cc: a turn from end to end; ring_connection.cc: life and death of one connection and its
 * blocks; ring_accept.cc: listeners and room; ring_receive.cc: sockets to inbox; ring_send.cc:
 * outbox to sockets; ring_note.cc: what was answered to the journal; ring_timers.cc: lists and
 * deadlines. Nothing is allocated after ring_open.
 */
#ifndef CDBSERVE_RING_STATE_H
#define CDBSERVE_RING_STATE_H

#include <sys/epoll.h>
#include <sys/uio.h>

#include "journal.h"
#include "peers.h"
#include "ring.h"

static const uint32_t RING_NONE = 0xffffffffu;
static const uint32_t RING_LISTENERS_MAX = 128;
static const int RING_NO_LISTENER = -1;
static const uint32_t RING_POLL_MAX = 512;
static const uint32_t RING_DISCARD_BYTES = 65536;
/* What one sendmsg is given at most, so that a fast reader of a large body does not hold up the
 * others. */
static const uint64_t RING_SEND_BYTES_MAX = 4u << 20;

enum ring_connection_state { RING_FREE, RING_OPEN, RING_LINGERING, RING_GONE };

enum ring_flag {
  RING_READABLE = 1,      /* the socket may hold bytes, or its end, that were not received */
  RING_WRITABLE = 2,      /* the socket may take more of what is pending */
  RING_PEER_ENDED = 4,    /* the kernel saw the peer's FIN; a short read then reached the end */
  RING_AT_END = 8,        /* every byte before the peer's FIN was received */
  RING_BROKEN = 16,       /* reset or error */
  RING_DELIVERED = 32,    /* a RING_DATA row of this turn waits for the caller's rows */
  RING_AGAIN_SET = 64,    /* deliver what is carried once the output is gone */
  RING_ANSWERABLE = 128,  /* the caller was told to answer and finish; else it is closed */
  RING_OUT_OF_TIME = 256, /* RING_EXPIRED is owed or told: input is ignored */
  RING_HALF_TOLD = 512,   /* RING_HALF_CLOSED was told */
  RING_FINISHING = 1024,  /* RING_FINISH came, output still pends */
};

/* A connection stands in at most one list of each chain. */
enum ring_chain { CHAIN_CLASS, CHAIN_TOTAL, CHAIN_WORK, CHAIN_CARRY, CHAINS };
enum ring_list_name {
  LIST_NONE,
  LIST_IDLE,    /* class: nothing to answer, longest idle first */
  LIST_HEAD,    /* class: an unfinished request, by its first byte */
  LIST_WRITE,   /* class: output pends, by last progress of write_bytes_min */
  LIST_SILENCE, /* class: lingering, by last byte */
  LIST_TOTAL,   /* total: lingering, by its start */
  LIST_READY,   /* work: something can be done without waiting */
  LIST_OWED,    /* work: a RING_EXPIRED or RING_CLOSED row is owed */
  LIST_OVER,    /* work: new, and its address had as many as it may */
  LIST_CARRY,   /* carry: holds a carry block, oldest first */
  LISTS
};

struct ring_link {
  uint32_t before, after;
};

struct ring_list {
  uint32_t first, last, count;
};

struct ring_connection {
  int64_t deadline[2]; /* CHAIN_CLASS, CHAIN_TOTAL; ms of CLOCK_MONOTONIC */
  struct ring_link links[CHAINS];
  int32_t fd;
  uint32_t carry, carry_bytes; /* block or RING_NONE; bytes received and not consumed */
  uint32_t pending;            /* block or RING_NONE */
  uint32_t range_at, range_bytes, consumed; /* the last RING_DATA */
  uint16_t generation;
  uint16_t flags;
  uint16_t address; /* number of its entry in `addresses`, or 0 */
  uint8_t member[CHAINS];
  uint8_t state;
};
static_assert(sizeof(struct ring_connection) == 88, "the memory bound of docs/limits.md");

/* A pool of numbers; numbers never used come last, so that their memory stays untouched. */
struct ring_pool {
  uint32_t *given_back;
  uint32_t given_back_count, fresh, total;
};

/* Output that a socket did not take: parts point into the archive, static scratch, or `copies`. */
struct ring_pending {
  uint32_t first, count, copied_bytes;
  uint32_t taken; /* bytes since the deadline was set */
  struct iovec parts[RING_PARTS_MAX];
  uint8_t copies[];
};
static_assert(sizeof(struct ring_pending) == 16 + 16 * RING_PARTS_MAX,
              "the memory bound of docs/limits.md");

struct ring_listener {
  int fd; /* RING_NO_LISTENER: a place that is free again */
  bool lasting, ready;
  bool shut; /* nobody can come any more; who waits is still to be accepted */
};

struct ring {
  struct ring_config config;
  struct ring_stats stats;
  int epoll;
  int64_t now; /* ms of CLOCK_MONOTONIC, read twice a turn */
  int64_t now_us;
  int64_t received; /* when the ranges of the last turn were received */
  int64_t received_us;
  int64_t second; /* CLOCK_REALTIME's, as last told */
  int64_t time_ms; /* CLOCK_REALTIME, at the last turn's beginning */
  uint32_t noted; /* answers of this turn to what was received in it */
  uint32_t event_count, told_count, inbox_used, connections;

  struct ring_connection *table;
  uint32_t *told; /* connections that rows of the last turn named and the caller may answer */
  uint8_t *carry;
  uint8_t *pending;
  size_t pending_stride;
  uint8_t *discard;
  struct epoll_event *polled;
  struct peer_table addresses;
  struct ring_pool slots, carry_pool, pending_pool;
  struct ring_list lists[LISTS];

  struct ring_listener listeners[RING_LISTENERS_MAX];
  uint32_t listener_count;
  bool listening, accept_paused;
  int64_t accept_resume; /* while accept_paused */
  bool control_ready;
  bool draining, drain_timed, drained_told;
  bool withdrawn;
  bool leaving; /* no listener is to be accepted from any more */
  int64_t drain_deadline; /* while drain_timed */

  void *memory;
  size_t memory_bytes;
};

[[noreturn]] void ring_fault(const char *condition, const char *place);
#define RING_TEXT_OF(line) #line
#define RING_TEXT(line) RING_TEXT_OF(line)
/* Our own arithmetic, never what a peer sent. */
#define RING_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ring_fault(#condition, __FILE__ ":" RING_TEXT(__LINE__)))

static inline uint32_t ring_number(const struct ring *ring, const struct ring_connection *c) {
  return static_cast<uint32_t>(c - ring->table);
}

static inline uint32_t ring_id(const struct ring *ring, const struct ring_connection *c) {
  return static_cast<uint32_t>(c->generation) << RING_NUMBER_BITS | ring_number(ring, c);
}

static inline uint8_t *ring_peer(const struct ring *ring, const struct ring_connection *c) {
  return ring->config.peers + static_cast<size_t>(ring_number(ring, c)) * RING_PEER_BYTES;
}

static inline struct ring_pending *ring_pending_of(struct ring *ring, uint32_t block) {
  return reinterpret_cast<struct ring_pending *>(ring->pending + block * ring->pending_stride);
}

static inline uint32_t ring_take(struct ring_pool *pool) {
  if (pool->given_back_count > 0) return pool->given_back[--pool->given_back_count];
  return pool->fresh < pool->total ? pool->fresh++ : RING_NONE;
}

static inline bool ring_has_one(const struct ring_pool *pool) {
  return pool->given_back_count > 0 || pool->fresh < pool->total;
}

static inline void ring_give_back(struct ring_pool *pool, uint32_t number) {
  RING_ASSERT(pool->given_back_count < pool->fresh);
  pool->given_back[pool->given_back_count++] = number;
}

static inline void ring_free(struct ring *ring, struct ring_connection *c) {
  c->state = RING_FREE;
  ring_give_back(&ring->slots, ring_number(ring, c));
}

/* Nobody comes any more, and the end is to be told once nobody is left. */
static inline bool ring_is_ending(const struct ring *ring) {
  return (ring->draining || ring->withdrawn) && ring->leaving && !ring->drained_told;
}

/* ring.cc */
void ring_row(struct ring *ring, uint32_t connection, int kind, int32_t offset, uint32_t length);
/* A row that the caller may answer. */
void ring_tell(struct ring *ring, struct ring_connection *c, int kind, uint32_t offset,
               uint32_t length);

/* ring_timers.cc */
void ring_read_clock(struct ring *ring);
struct ring_connection *ring_first(struct ring *ring, int list);
/* Moves to the end of a list, out of any other of its chain. */
void ring_append(struct ring *ring, int list, struct ring_connection *c);
void ring_append_until(struct ring *ring, int list, struct ring_connection *c, int64_t deadline);
void ring_leave(struct ring *ring, int chain, struct ring_connection *c);
/* Unfinished requests whose time is over, and everything else whose time is over. */
void ring_expire_heads(struct ring *ring);
void ring_close_due(struct ring *ring);
int ring_wait_ms(struct ring *ring);

/* ring_connection.cc */
/* The live connection of an id, or NULL when it is another one by now. */
struct ring_connection *ring_find(struct ring *ring, uint32_t id);
void ring_drop_carry(struct ring *ring, struct ring_connection *c);
void ring_drop_pending(struct ring *ring, struct ring_connection *c);
void ring_hang_up(struct ring *ring, struct ring_connection *c);
void ring_linger(struct ring *ring, struct ring_connection *c);
void ring_expire(struct ring *ring, struct ring_connection *c);
/* Puts a connection where its state belongs; an unfinished request counts from `since`. */
void ring_classify(struct ring *ring, struct ring_connection *c, int64_t since);
/* After the caller's rows: carries over what was not consumed. */
void ring_settle(struct ring *ring);

/* ring_send.cc */
void ring_carry_out(struct ring *ring, uint32_t rows);
void ring_send_pending(struct ring *ring, struct ring_connection *c);

/* ring_note.cc */
/* Adds to the journal the note of a row and the texts of those behind it, as far as `end`. late:
 * its request may have begun before this turn. */
void ring_note(struct ring *ring, const struct ring_connection *c, const uint32_t *row,
               const uint32_t *end, bool late);
/* Once a turn: counters, and how long the answers of the last one took. */
void ring_tell_journal(struct ring *ring);

/* ring_receive.cc */
void ring_receive(struct ring *ring);
/* recvfrom without EINTR: bytes, 0 at the end, or -errno. */
int64_t ring_take_bytes(int fd, uint8_t *target, size_t room);

/* ring_accept.cc */
void ring_accept(struct ring *ring);
/* Nobody can come from there any more, or others take who does. */
void ring_forget_listener(struct ring *ring, struct ring_listener *listener);
/* Puts the listeners into epoll or takes them out, as the moment asks. */
void ring_watch_listeners(struct ring *ring);

#endif
