/* ring.h: moves bytes between sockets and shared tables in batches.
 *
 * Knows no HTTP and no JavaScript. One thread owns a ring; every call returns at once but
 * ring_turn, which waits. A stranger's fault (reset, half-close, slow read, zero window, flood) is
 * a value; a bad outbox row or argument is our own bug and aborts (RING_ASSERT), never a wild read.
 */
#ifndef CDBSERVE_RING_H
#define CDBSERVE_RING_H

#include <stddef.h>
#include <stdint.h>

/* Event row, four int32: {connection, kind, offset, length}. Mirrored in src/hot/ring.ts. */
enum ring_event_field {
  RING_EVENT_CONNECTION,
  RING_EVENT_KIND,
  RING_EVENT_OFFSET,
  RING_EVENT_LENGTH,
  RING_EVENT_FIELDS
};

/* RING_HALF_CLOSED, RING_EXPIRED and RING_REFUSED ask for RING_FINISH, with an answer before it or
 * without, in the outbox of the next ring_turn: a connection left without one then is closed. Every
 * RING_OPENED and RING_REFUSED is followed by one RING_CLOSED. */
enum ring_event_kind {
  RING_OPENED = 1,      /* a new connection; its address stands in `peers` */
  RING_DATA = 2,        /* offset, length: all bytes of it not yet consumed, in the inbox; a zero
                         * byte follows. Good until the next ring_turn takes RING_CONSUMED for it */
  RING_HALF_CLOSED = 3, /* the peer sends no more and everything it sent was delivered and dealt
                         * with, or is the beginning of a request that never ends */
  RING_CLOSED = 4,      /* the descriptor is closed; the number may come back, in this very turn,
                         * with another generation */
  RING_EXPIRED = 5,     /* an unfinished request ran out of time or room; its bytes are dropped */
  RING_REFUSED = 6,     /* a new connection over a limit: of all or of its address, which it has */
  RING_DRAINED = 7,     /* after ring_drain or ring_withdraw: no connection is left */
  RING_CONTROL = 8,     /* offset: the byte read from the control socket, or -1: its other end is
                         * gone */
  RING_TICK = 9,        /* the wall clock's second changed, and first of all. offset: days since
                         * 1970-01-01, length: second of the day */
};

/* Outbox row, four uint32: {connection, op, offset, length}; a connection's rows are adjacent. */
enum ring_outbox_field {
  RING_OUTBOX_CONNECTION,
  RING_OUTBOX_OP,
  RING_OUTBOX_OFFSET,
  RING_OUTBOX_LENGTH,
  RING_OUTBOX_FIELDS
};

enum ring_op {
  RING_SEND_ARCHIVE = 1, /* bytes offset..offset+length of the archive; length 0 sends nothing */
  RING_SEND_SCRATCH = 2, /* bytes of scratch; below scratch_static_bytes they are kept by reference,
                          * else copied */
  RING_CONSUMED = 3,     /* length more bytes of the last RING_DATA are dealt with (rows add up);
                          * offset RING_AGAIN: more could be, the last row decides */
  RING_FINISH = 4,       /* when all is sent: shut down writing, read and discard, close (lingering
                          * close). Rows of that connection behind it are dropped */
  RING_NOTE = 5,         /* an answer was made: counts in the journal's slot `offset`, with `length`
                          * bytes of body */
  RING_TEXT = 6,         /* bytes offset..offset+length of the inbox: a text of the note before it,
                          * JOURNAL_TEXTS of them at most */
};

/* In the offset of RING_CONSUMED: deliver what is left once the output is gone, without waiting for
 * more bytes. */
#define RING_AGAIN 1u

/* A connection is {generation: 15 bits, number: 16 bits}; never 0. A row whose generation is stale
 * is skipped. */
#define RING_NUMBER_BITS 16
#define RING_CONNECTIONS_MAX 65535u
/* Parts of one connection in one turn, those of a ring_flush within it included. */
#define RING_PARTS_MAX 64u
/* One peer address: u8 family (0 none, 4, 6, 1 unix), u8 1 where it is in a network of `trusted`,
 * u16 port (host order), u8 address[16], zeros. An IPv4 peer of a socket for both families is 4. */
#define RING_PEER_BYTES 32u
#define RING_PEER_TRUSTED 1
/* One network: u8 family as of a peer, u8 bits that count, u8 address[16]. */
#define RING_NETWORK_BYTES 18u

struct journal;

struct ring_config {
  uint8_t *inbox;
  uint32_t inbox_bytes;
  int32_t *events;
  uint32_t event_rows; /* at least 16 */
  const uint32_t *outbox;
  uint32_t outbox_rows;
  const uint8_t *scratch;
  uint32_t scratch_bytes;
  uint32_t scratch_static_bytes;
  const uint8_t *archive;
  uint64_t archive_bytes;
  uint8_t *peers; /* (connections_max + connections_spare) * RING_PEER_BYTES */
  uint32_t connections_max;   /* at most 65,536 less connections_spare come into use */
  uint32_t connections_spare; /* further slots: for RING_REFUSED, and while room is made */
  uint32_t connections_per_address; /* 0: as many as there is room for. IPv6: of one /64. Those of
                                     * unix(7) and of trusted peers are not counted */
  const uint8_t *trusted;           /* trusted_count * RING_NETWORK_BYTES */
  uint32_t trusted_count;
  uint32_t input_bytes_max;   /* per connection: longest RING_DATA, and the size of a carry block */
  uint32_t carry_blocks;
  uint32_t pending_blocks;
  uint32_t pending_scratch_bytes; /* scratch bytes one connection may have waiting */
  uint32_t accepts_per_turn;
  uint32_t header_timeout_ms;
  uint32_t idle_timeout_ms;
  uint32_t write_timeout_ms;
  uint32_t write_bytes_min; /* to be taken in each write_timeout_ms of pending output; at least 1 */
  uint32_t linger_silence_ms;
  uint32_t linger_total_ms;
  uint32_t accept_pause_ms;
  int32_t control_fd; /* -1: none */
  struct journal *journal; /* NULL: notes go nowhere */
};

/* Counters, read-only for others; written by the ring alone. Mirrored in src/native.ts. */
struct ring_stats {
  uint64_t accepted, closed, refused, evicted, expired, received_bytes, sent_bytes, turns,
      accept_pauses, refused_address, cut_off;
};

struct ring;

/* NULL and errno when memory or descriptors do not suffice. */
struct ring *ring_open(const struct ring_config *config);
/* Adds a listening, non-blocking socket, at most 128 of them. It stays the caller's, and open as
 * long as the ring; of several processes that wait on it one is woken. lasting: it outlives the
 * service, so that a drain leaves at once whoever still waits there. 0 or -errno. */
int ring_listen(struct ring *ring, int listener, int lasting);
/* Leaves a listener to another process, with whoever waits there; to one that is not in it nothing
 * happens. */
void ring_unlisten(struct ring *ring, int listener);
/* Carries out the first `rows` outbox rows, waits for something to happen (1 s at most), and gives
 * the number of event rows. */
uint32_t ring_turn(struct ring *ring, uint32_t rows);
/* Carries out outbox rows in the middle of a turn: the caller's tables were full. */
void ring_flush(struct ring *ring, uint32_t rows);
/* Leaves the listeners to their other takers. Connections stay; RING_DRAINED follows the last. */
void ring_withdraw(struct ring *ring);
/* Shuts down idle connections now and every other when it becomes idle, closes what is left when
 * timeout_ms is over; RING_DRAINED follows. Who waits at a listener is served, until its owner
 * shuts it down (accept: EINVAL). */
void ring_drain(struct ring *ring, uint32_t timeout_ms);
/* The one epoll(7) descriptor it waits on. */
int ring_epoll(const struct ring *ring);
uint32_t ring_connections(const struct ring *ring);
const struct ring_stats *ring_stats(const struct ring *ring);
void ring_close(struct ring *ring);

#endif
