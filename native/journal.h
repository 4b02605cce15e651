/* journal.h: the memory in which a worker that may write nowhere notes what it answered.
 *
 * A memfd made by the supervisor, mapped by the worker, read by the supervisor as what a stranger
 * may have written: counters, and a ring of records where answers are logged. Knows no HTTP: an
 * answer is a slot to count in, bytes, a peer and some texts. Layout mirrored in
 * src/ops/journal.ts.
 */
#ifndef CDBSERVE_JOURNAL_H
#define CDBSERVE_JOURNAL_H

#include <stdint.h>

enum {
  JOURNAL_SLOTS = 2500,
  JOURNAL_STATS = 32,
  JOURNAL_BUCKETS = 16,
  JOURNAL_TEXTS = 5,
  JOURNAL_PEER_BYTES = 20,
  JOURNAL_RING_AT = 24576, /* where the records begin */
};

/* Each number is written by one side alone. Positions are bytes since the beginning of time; that
 * of a byte in the ring is its position modulo the ring's size, a power of two. */
struct journal_page {
  uint64_t written; /* where the next record begins: all before it are whole */
  uint64_t dropped; /* records that found no room */
  uint64_t bytes;   /* of bodies, of all that was counted */
  uint64_t duration_us;
  uint64_t durations[JOURNAL_BUCKETS]; /* answers by how long they took: see journal_took */
  uint64_t unused[12];
  uint64_t stats[JOURNAL_STATS]; /* of the ring of connections: struct ring_stats */
  uint64_t slots[JOURNAL_SLOTS]; /* answers by slot */
  uint64_t unused_too[8];
  uint64_t read; /* by the supervisor: what stands before may be written over */
};

/* A record: this, then the texts one behind the other, then zeros up to a multiple of 8. */
struct journal_record {
  uint32_t bytes; /* of the whole record */
  uint32_t slot;
  uint64_t time_ms; /* since 1970-01-01 */
  uint64_t body_bytes;
  uint8_t peer[JOURNAL_PEER_BYTES]; /* the first of RING_PEER_BYTES of ring.h */
  uint16_t lengths[JOURNAL_TEXTS];
  uint16_t unused;
};

struct journal_text {
  const uint8_t *data;
  uint16_t bytes;
};

struct journal_note {
  uint32_t slot; /* less than JOURNAL_SLOTS */
  uint32_t texts_count;
  uint64_t time_ms, body_bytes;
  const uint8_t *peer;
  struct journal_text texts[JOURNAL_TEXTS];
};

struct journal {
  struct journal_page *page;
  uint8_t *ring;
  uint64_t ring_bytes; /* 0: no records */
  uint64_t written;    /* what the page says, where nobody else writes */
};

/* A memfd with room for records, or without: ring_bytes is 0 or a power of two. It neither grows
 * nor shrinks. Descriptor or -errno. */
int journal_create(uint32_t ring_bytes);
/* Maps it for the life of the process. 0 or -errno. */
int journal_open(int descriptor, struct journal *journal);
/* Counts an answer and, where there is a ring, adds a record: whole, or not at all. */
void journal_add(struct journal *journal, const struct journal_note *note);
/* That many answers took so long. Bucket n holds those that took less than 2^(2n+5) microseconds
 * and no less than the one before; the last one all others. */
void journal_took(struct journal *journal, uint64_t microseconds, uint32_t answers);
/* Copies the counters of the ring of connections, at most JOURNAL_STATS of them. */
void journal_show(struct journal *journal, const uint64_t *stats, uint32_t count);
#endif
