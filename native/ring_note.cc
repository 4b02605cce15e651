// ring_note.cc: what was answered, to the journal.
#include "ring_state.h"

static_assert(JOURNAL_PEER_BYTES <= RING_PEER_BYTES, "a record has the beginning of a peer");
static const uint32_t STATS = sizeof(struct ring_stats) / sizeof(uint64_t);
static_assert(STATS <= JOURNAL_STATS, "all counters fit");

static bool is_text(const uint32_t *row, const uint32_t *end, uint32_t id) {
  return row < end && row[RING_OUTBOX_CONNECTION] == id && row[RING_OUTBOX_OP] == RING_TEXT;
}

static void take_text(const struct ring *ring, struct journal_note *note, const uint32_t *row) {
  const uint64_t offset = row[RING_OUTBOX_OFFSET];
  const uint64_t length = row[RING_OUTBOX_LENGTH];
  RING_ASSERT(note->texts_count < JOURNAL_TEXTS && length <= UINT16_MAX);
  RING_ASSERT(offset + length <= ring->config.inbox_bytes);
  note->texts[note->texts_count++] = {ring->config.inbox + offset, static_cast<uint16_t>(length)};
}

// A request that was carried over began when its connection was put among the unfinished ones.
static void time_answer(struct ring *ring, const struct ring_connection *c, bool late) {
  const bool carried = c->member[CHAIN_CLASS] == LIST_HEAD || (c->flags & RING_OUT_OF_TIME);
  if (!late || !carried) {
    ring->noted++;
    return;
  }
  const int64_t since = c->deadline[CHAIN_CLASS] - ring->config.header_timeout_ms;
  journal_took(ring->config.journal, static_cast<uint64_t>(ring->now - since) * 1000, 1);
}

void ring_note(struct ring *ring, const struct ring_connection *c, const uint32_t *row,
               const uint32_t *end, bool late) {
  if (ring->config.journal == nullptr) return;
  struct journal_note note;
  note.slot = row[RING_OUTBOX_OFFSET];
  RING_ASSERT(note.slot < JOURNAL_SLOTS);
  note.body_bytes = row[RING_OUTBOX_LENGTH];
  note.time_ms = static_cast<uint64_t>(ring->time_ms);
  note.peer = ring->config.peers + static_cast<size_t>(ring_number(ring, c)) * RING_PEER_BYTES;
  note.texts_count = 0;
  const uint32_t id = row[RING_OUTBOX_CONNECTION];
  for (row += RING_OUTBOX_FIELDS; is_text(row, end, id); row += RING_OUTBOX_FIELDS)
    take_text(ring, &note, row);
  time_answer(ring, c, late);
  journal_add(ring->config.journal, &note);
}

void ring_tell_journal(struct ring *ring) {
  if (ring->config.journal == nullptr) return;
  if (ring->noted > 0) {
    const int64_t took = ring->now_us - ring->received_us;
    journal_took(ring->config.journal, static_cast<uint64_t>(took), ring->noted);
    ring->noted = 0;
  }
  journal_show(ring->config.journal, reinterpret_cast<const uint64_t *>(&ring->stats), STATS);
}
