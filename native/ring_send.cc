// ring_send.cc: outbox rows to sockets, and what a socket did not take.
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "ring_state.h"

// The rows of one connection in one batch.
struct batch {
  struct iovec parts[RING_PARTS_MAX];
  uint32_t count, scratch_bytes;
  bool finish, noted;
};

static bool is_volatile(const struct ring *ring, const void *bytes) {
  const uint8_t *at = static_cast<const uint8_t *>(bytes);
  const uint8_t *scratch = ring->config.scratch;
  return at >= scratch + ring->config.scratch_static_bytes &&
         at < scratch + ring->config.scratch_bytes;
}

static void add_part(struct ring *ring, struct batch *batch, const uint32_t *row) {
  const struct ring_config *config = &ring->config;
  const bool scratch = row[RING_OUTBOX_OP] == RING_SEND_SCRATCH;
  const uint64_t offset = row[RING_OUTBOX_OFFSET];
  const uint64_t length = row[RING_OUTBOX_LENGTH];
  RING_ASSERT(offset + length <= (scratch ? config->scratch_bytes : config->archive_bytes));
  if (length == 0 || batch->finish) return;
  RING_ASSERT(batch->count < RING_PARTS_MAX);
  const uint8_t *start = (scratch ? config->scratch : config->archive) + offset;
  if (scratch && is_volatile(ring, start)) batch->scratch_bytes += static_cast<uint32_t>(length);
  RING_ASSERT(batch->scratch_bytes <= config->pending_scratch_bytes);
  batch->parts[batch->count++] = {const_cast<uint8_t *>(start), static_cast<size_t>(length)};
}

static void consume(struct ring_connection *c, const uint32_t *row, const struct batch *batch) {
  if (c == nullptr || batch->finish || (c->flags & RING_OUT_OF_TIME)) return;
  const uint32_t length = row[RING_OUTBOX_LENGTH];
  const uint32_t open = c->flags & RING_DELIVERED ? c->range_bytes - c->consumed : 0;
  RING_ASSERT(length <= open);
  c->consumed += length;
  c->flags &= ~RING_AGAIN_SET;
  if (row[RING_OUTBOX_OFFSET] == RING_AGAIN) c->flags |= RING_AGAIN_SET;
}

// Only the first request of a range can have begun before it.
static void note(struct ring *ring, const struct ring_connection *c, struct batch *batch,
                 const uint32_t *row, const uint32_t *end) {
  const bool late = !batch->noted;
  batch->noted = true;
  if (c != nullptr && !batch->finish) ring_note(ring, c, row, end, late);
}

static void gather(struct ring *ring, struct ring_connection *c, struct batch *batch,
                   const uint32_t *row, const uint32_t *end) {
  switch (row[RING_OUTBOX_OP]) {
    case RING_SEND_ARCHIVE:
    case RING_SEND_SCRATCH:
      add_part(ring, batch, row);
      break;
    case RING_CONSUMED:
      consume(c, row, batch);
      break;
    case RING_FINISH:
      batch->finish = true;
      break;
    case RING_NOTE:
      note(ring, c, batch, row, end);
      break;
    case RING_TEXT:  // read with the note before it
      break;
    default:
      ring_fault("a known outbox op", __FILE__);
  }
}

// One sendmsg. Bytes taken, 0 when the socket is full, -errno. *offered: what it was given.
static int64_t send_parts(int fd, struct iovec *parts, uint32_t count, uint64_t *offered) {
  struct msghdr message = {};
  size_t withheld = 0;
  *offered = 0;
  uint32_t used = 0;
  while (used < count && *offered < RING_SEND_BYTES_MAX) *offered += parts[used++].iov_len;
  if (*offered > RING_SEND_BYTES_MAX) withheld = *offered - RING_SEND_BYTES_MAX;
  *offered -= withheld;
  parts[used - 1].iov_len -= withheld;
  message.msg_iov = parts;
  message.msg_iovlen = used;
  ssize_t sent;
  do {
    sent = sendmsg(fd, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  parts[used - 1].iov_len += withheld;
  if (sent >= 0) return sent;
  return errno == EAGAIN ? 0 : -errno;
}

// Takes sent bytes off the front; gives how many parts are done with.
static uint32_t skip_sent(struct iovec *parts, uint32_t count, uint64_t sent) {
  uint32_t done = 0;
  while (done < count && sent >= parts[done].iov_len) sent -= parts[done++].iov_len;
  if (done == count || sent == 0) return done;
  parts[done].iov_base = static_cast<uint8_t *>(parts[done].iov_base) + sent;
  parts[done].iov_len -= sent;
  return done;
}

// When every block is held, the connection longest without progress is cut off.
static struct ring_pending *take_pending(struct ring *ring, struct ring_connection *c) {
  if (c->pending != RING_NONE) return ring_pending_of(ring, c->pending);
  c->pending = ring_take(&ring->pending_pool);
  if (c->pending == RING_NONE) {
    ring->stats.evicted++;
    ring_hang_up(ring, ring_first(ring, LIST_WRITE));
    c->pending = ring_take(&ring->pending_pool);
    RING_ASSERT(c->pending != RING_NONE);
  }
  struct ring_pending *pending = ring_pending_of(ring, c->pending);
  pending->first = pending->count = pending->copied_bytes = pending->taken = 0;
  return pending;
}

static void keep(struct ring *ring, struct ring_connection *c, const struct iovec *parts,
                 uint32_t count) {
  struct ring_pending *pending = take_pending(ring, c);
  if (pending->first > 0) {
    memmove(pending->parts, pending->parts + pending->first, pending->count * sizeof *parts);
    pending->first = 0;
  }
  RING_ASSERT(pending->count + count <= RING_PARTS_MAX);
  for (uint32_t at = 0; at < count; at++) {
    struct iovec part = parts[at];
    if (is_volatile(ring, part.iov_base)) {
      uint8_t *copy = pending->copies + pending->copied_bytes;
      RING_ASSERT(pending->copied_bytes + part.iov_len <= ring->config.pending_scratch_bytes);
      memcpy(copy, part.iov_base, part.iov_len);
      pending->copied_bytes += static_cast<uint32_t>(part.iov_len);
      part.iov_base = copy;
    }
    pending->parts[pending->count++] = part;
  }
  ring_append_until(ring, LIST_WRITE, c, ring->now + ring->config.write_timeout_ms);
}

// Sends now what nothing stands before; false when the connection is gone.
static bool send_batch(struct ring *ring, struct ring_connection *c, struct batch *batch) {
  uint32_t done = 0;
  bool took_all = false;
  if (c->pending == RING_NONE && batch->count > 0) {
    uint64_t offered;
    const int64_t sent = send_parts(c->fd, batch->parts, batch->count, &offered);
    if (sent < 0) {
      ring_hang_up(ring, c);
      return false;
    }
    ring->stats.sent_bytes += static_cast<uint64_t>(sent);
    done = skip_sent(batch->parts, batch->count, static_cast<uint64_t>(sent));
    took_all = static_cast<uint64_t>(sent) == offered;
  }
  if (done == batch->count) return true;
  keep(ring, c, batch->parts + done, batch->count - done);
  if (!took_all) return true;
  c->flags |= RING_WRITABLE;
  ring_append(ring, LIST_READY, c);
  return true;
}

static void finish(struct ring *ring, struct ring_connection *c) {
  c->flags &= ~(RING_DELIVERED | RING_AGAIN_SET);
  ring_drop_carry(ring, c);
  if (c->pending == RING_NONE) {
    ring_linger(ring, c);
  } else {
    c->flags |= RING_FINISHING;
  }
}

void ring_carry_out(struct ring *ring, uint32_t rows) {
  RING_ASSERT(rows <= ring->config.outbox_rows);
  const uint32_t *row = ring->config.outbox;
  const uint32_t *end = row + static_cast<size_t>(rows) * RING_OUTBOX_FIELDS;
  while (row < end) {
    const uint32_t id = row[RING_OUTBOX_CONNECTION];
    const uint32_t number = id & ((1u << RING_NUMBER_BITS) - 1);
    RING_ASSERT(number < ring->slots.total);
    struct ring_connection *c = ring_find(ring, id);
    if (c != nullptr && (c->state != RING_OPEN || (c->flags & RING_FINISHING))) c = nullptr;
    struct batch batch;
    batch.count = batch.scratch_bytes = 0;
    batch.finish = batch.noted = false;
    for (; row < end && row[RING_OUTBOX_CONNECTION] == id; row += RING_OUTBOX_FIELDS)
      gather(ring, c, &batch, row, end);
    if (c != nullptr && send_batch(ring, c, &batch) && batch.finish) finish(ring, c);
  }
}

// What is sent leaves the block; an empty one is given back and its connection works on.
void ring_send_pending(struct ring *ring, struct ring_connection *c) {
  struct ring_pending *pending = ring_pending_of(ring, c->pending);
  struct iovec *parts = pending->parts + pending->first;
  uint64_t offered;
  const int64_t sent = send_parts(c->fd, parts, pending->count, &offered);
  if (sent < 0) {
    ring_hang_up(ring, c);
    return;
  }
  ring->stats.sent_bytes += static_cast<uint64_t>(sent);
  const uint32_t done = skip_sent(parts, pending->count, static_cast<uint64_t>(sent));
  pending->first += done;
  pending->count -= done;
  if (pending->count == 0) {
    ring_drop_pending(ring, c);
    ring_leave(ring, CHAIN_CLASS, c);
    c->flags &= ~RING_WRITABLE;
    if (c->flags & RING_FINISHING) ring_linger(ring, c);
    return;
  }
  pending->taken += static_cast<uint32_t>(sent);
  if (pending->taken >= ring->config.write_bytes_min) {
    pending->taken = 0;
    ring_append_until(ring, LIST_WRITE, c, ring->now + ring->config.write_timeout_ms);
  }
  if (static_cast<uint64_t>(sent) == offered) {
    ring_append(ring, LIST_READY, c);
  } else {
    c->flags &= ~RING_WRITABLE;
  }
}
