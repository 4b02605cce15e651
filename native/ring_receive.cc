// ring_receive.cc: from sockets to the inbox, one contiguous range for each connection.
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "ring_state.h"

// Reads of one lingering connection in one turn.
static const int DISCARDS_MAX = 4;

int64_t ring_take_bytes(int fd, uint8_t *target, size_t room) {
  ssize_t got;
  do {
    got = recvfrom(fd, target, room, MSG_DONTWAIT, nullptr, nullptr);
  } while (got < 0 && errno == EINTR);
  return got >= 0 ? got : -errno;
}

// Takes what is there and notes how far that went; false when the connection is gone. A short read
// has emptied the socket, so that no second call is needed to learn it.
static bool take(struct ring *ring, struct ring_connection *c, uint8_t *target, uint32_t room,
                 uint32_t *received) {
  *received = 0;
  const int64_t got = ring_take_bytes(c->fd, target, room);
  if (got < 0 && got != -EAGAIN) {
    ring_hang_up(ring, c);
    return false;
  }
  if (got > 0) *received = static_cast<uint32_t>(got);
  ring->stats.received_bytes += *received;
  if (got == room) return true;
  c->flags &= ~RING_READABLE;
  if (got == 0 || (got > 0 && (c->flags & RING_PEER_ENDED))) c->flags |= RING_AT_END;
  return true;
}

static void discard(struct ring *ring, struct ring_connection *c) {
  for (int turn = 0; turn < DISCARDS_MAX && (c->flags & RING_READABLE); turn++) {
    uint32_t received;
    if (!take(ring, c, ring->discard, RING_DISCARD_BYTES, &received)) return;
    if (c->flags & RING_AT_END) {
      ring_hang_up(ring, c);
      return;
    }
    if (received > 0)
      ring_append_until(ring, LIST_SILENCE, c, ring->now + ring->config.linger_silence_ms);
  }
  if (c->flags & RING_READABLE) ring_append(ring, LIST_READY, c);
}

static void tell_half_closed(struct ring *ring, struct ring_connection *c) {
  ring_drop_carry(ring, c);
  ring_leave(ring, CHAIN_CLASS, c);
  c->flags |= RING_HALF_TOLD | RING_ANSWERABLE;
  ring_tell(ring, c, RING_HALF_CLOSED, 0, 0);
}

static void deliver(struct ring *ring, struct ring_connection *c) {
  const struct ring_config *config = &ring->config;
  uint8_t *range = config->inbox + ring->inbox_used;
  const uint32_t room = config->input_bytes_max - c->carry_bytes;
  uint32_t received = 0;
  if ((c->flags & RING_READABLE) && room > 0 &&
      !take(ring, c, range + c->carry_bytes, room, &received))
    return;
  if (received == 0 && !(c->flags & RING_AGAIN_SET)) {
    if ((c->flags & RING_AT_END) && !(c->flags & RING_HALF_TOLD)) {
      tell_half_closed(ring, c);
    } else {
      ring_classify(ring, c, ring->now);
    }
    return;
  }
  if (c->carry_bytes > 0)
    memcpy(range, ring->carry + static_cast<size_t>(c->carry) * config->input_bytes_max,
           c->carry_bytes);
  c->range_at = ring->inbox_used;
  c->range_bytes = c->carry_bytes + received;
  c->consumed = 0;
  c->flags = static_cast<uint16_t>((c->flags & ~RING_AGAIN_SET) | RING_DELIVERED);
  range[c->range_bytes] = 0;
  ring->inbox_used += c->range_bytes + 1;
  ring_tell(ring, c, RING_DATA, c->range_at, c->range_bytes);
}

static void work(struct ring *ring, struct ring_connection *c) {
  ring_leave(ring, CHAIN_WORK, c);
  if (c->flags & RING_BROKEN) {
    ring_hang_up(ring, c);
    return;
  }
  if (c->state == RING_LINGERING) {
    discard(ring, c);
    return;
  }
  if (c->pending != RING_NONE && (c->flags & RING_WRITABLE)) ring_send_pending(ring, c);
  if (c->state != RING_OPEN || c->pending != RING_NONE) return;
  if (c->flags & (RING_ANSWERABLE | RING_OUT_OF_TIME)) return;
  deliver(ring, c);
}

// As far as the tables go; who finds no room stays ready for the next turn.
void ring_receive(struct ring *ring) {
  const struct ring_config *config = &ring->config;
  for (uint32_t left = ring->lists[LIST_READY].count; left > 0; left--) {
    if (ring->event_count + 2 >= config->event_rows) return;
    if (config->inbox_bytes - ring->inbox_used <= config->input_bytes_max) return;
    work(ring, ring_first(ring, LIST_READY));
  }
}
