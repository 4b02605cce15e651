// ring_connection.cc: life and death of one connection, and the blocks it may hold.
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ring_state.h"

struct ring_connection *ring_find(struct ring *ring, uint32_t id) {
  struct ring_connection *c = &ring->table[id & ((1u << RING_NUMBER_BITS) - 1)];
  if (c->state != RING_OPEN && c->state != RING_LINGERING) return nullptr;
  return c->generation == id >> RING_NUMBER_BITS ? c : nullptr;
}

void ring_drop_carry(struct ring *ring, struct ring_connection *c) {
  c->carry_bytes = 0;
  if (c->carry == RING_NONE) return;
  ring_leave(ring, CHAIN_CARRY, c);
  ring_give_back(&ring->carry_pool, c->carry);
  c->carry = RING_NONE;
}

void ring_drop_pending(struct ring *ring, struct ring_connection *c) {
  if (c->pending == RING_NONE) return;
  ring_give_back(&ring->pending_pool, c->pending);
  c->pending = RING_NONE;
}

static void drop_all(struct ring *ring, struct ring_connection *c) {
  ring_drop_carry(ring, c);
  ring_drop_pending(ring, c);
  for (int chain = 0; chain < CHAINS; chain++) ring_leave(ring, chain, c);
}

void ring_hang_up(struct ring *ring, struct ring_connection *c) {
  RING_ASSERT(c->state == RING_OPEN || c->state == RING_LINGERING);
  const bool untold = c->member[CHAIN_WORK] == LIST_OVER;
  drop_all(ring, c);
  if (c->address != 0) peer_leave(&ring->addresses, c->address);
  close(c->fd);
  c->fd = -1;
  c->state = RING_GONE;
  c->flags = 0;
  ring->connections--;
  ring->stats.closed++;
  if (untold) return ring_free(ring, c);
  ring_append(ring, LIST_OWED, c);
}

// Without shutdown the peer would see no end; without reading on, bytes it still sends would reset
// the connection and could cost it our last answer.
void ring_linger(struct ring *ring, struct ring_connection *c) {
  drop_all(ring, c);
  c->state = RING_LINGERING;
  c->flags &= RING_READABLE | RING_PEER_ENDED | RING_AT_END | RING_BROKEN;
  if ((c->flags & RING_AT_END) || shutdown(c->fd, SHUT_WR) != 0) {
    ring_hang_up(ring, c);
    return;
  }
  ring_append_until(ring, LIST_SILENCE, c, ring->now + ring->config.linger_silence_ms);
  ring_append_until(ring, LIST_TOTAL, c, ring->now + ring->config.linger_total_ms);
  if (c->flags & (RING_READABLE | RING_BROKEN)) ring_append(ring, LIST_READY, c);
}

void ring_expire(struct ring *ring, struct ring_connection *c) {
  drop_all(ring, c);
  c->flags &= RING_READABLE | RING_PEER_ENDED | RING_AT_END;
  c->flags |= RING_OUT_OF_TIME;
  ring->stats.expired++;
  ring_append(ring, LIST_OWED, c);
}

void ring_classify(struct ring *ring, struct ring_connection *c, int64_t since) {
  const struct ring_config *config = &ring->config;
  if (c->state != RING_OPEN || (c->flags & RING_OUT_OF_TIME)) return;
  if (c->pending != RING_NONE) return;
  const bool at_new_end = (c->flags & RING_AT_END) && !(c->flags & RING_HALF_TOLD);
  if (at_new_end || (c->flags & (RING_READABLE | RING_AGAIN_SET | RING_BROKEN)))
    ring_append(ring, LIST_READY, c);
  if (c->carry_bytes > 0 && !(c->flags & RING_AGAIN_SET)) {
    if (c->member[CHAIN_CLASS] != LIST_HEAD)
      ring_append_until(ring, LIST_HEAD, c, since + config->header_timeout_ms);
  } else if (c->member[CHAIN_WORK] == LIST_READY || (c->flags & RING_ANSWERABLE)) {
    ring_leave(ring, CHAIN_CLASS, c);
  } else if (ring->draining && c->range_bytes > 0) {
    ring_linger(ring, c);
  } else if (c->member[CHAIN_CLASS] != LIST_IDLE) {
    // While draining, a newcomer has as long for its first byte as a lingering one for its last.
    const uint32_t timeout = ring->draining ? config->linger_silence_ms : config->idle_timeout_ms;
    ring_append_until(ring, LIST_IDLE, c, ring->now + timeout);
  }
}

// When every block is held: the oldest unfinished request goes, else whoever holds one for longest.
static void take_carry(struct ring *ring, struct ring_connection *c) {
  c->carry = ring_take(&ring->carry_pool);
  if (c->carry == RING_NONE) {
    struct ring_connection *head = ring_first(ring, LIST_HEAD);
    ring->stats.evicted++;
    if (head != nullptr) {
      ring_expire(ring, head);
    } else {
      ring_hang_up(ring, ring_first(ring, LIST_CARRY));
    }
    c->carry = ring_take(&ring->carry_pool);
    RING_ASSERT(c->carry != RING_NONE);
  }
  ring_append(ring, LIST_CARRY, c);
}

// Unconsumed bytes that stand in the block already are not copied again: a dribbling peer costs
// what it sends.
static void keep_rest(struct ring *ring, struct ring_connection *c) {
  const uint32_t rest = c->range_bytes - c->consumed;
  RING_ASSERT(rest < ring->config.input_bytes_max || (c->flags & RING_AGAIN_SET));
  const uint32_t kept = c->consumed == 0 ? c->carry_bytes : 0;
  if (c->carry == RING_NONE) take_carry(ring, c);
  uint8_t *block = ring->carry + static_cast<size_t>(c->carry) * ring->config.input_bytes_max;
  memcpy(block + kept, ring->config.inbox + c->range_at + c->consumed + kept, rest - kept);
  c->carry_bytes = rest;
  ring_classify(ring, c, ring->received);
}

// Who consumed all goes first, so that its block is free for those who did not.
static void settle_consumed(struct ring *ring, struct ring_connection *c) {
  const bool unanswered = (c->flags & RING_ANSWERABLE) && !(c->flags & RING_FINISHING);
  if (c->state == RING_LINGERING) return;
  if (unanswered) {
    ring_hang_up(ring, c);
    return;
  }
  if (!(c->flags & RING_DELIVERED)) return;
  if (c->consumed > 0 && c->member[CHAIN_CLASS] == LIST_HEAD) ring_leave(ring, CHAIN_CLASS, c);
  if (c->consumed < c->range_bytes) return;
  ring_drop_carry(ring, c);
  c->flags &= ~(RING_DELIVERED | RING_AGAIN_SET);
  ring_classify(ring, c, ring->received);
}

void ring_settle(struct ring *ring) {
  for (uint32_t at = 0; at < ring->told_count; at++) {
    struct ring_connection *c = ring_find(ring, ring->told[at]);
    if (c != nullptr) settle_consumed(ring, c);
  }
  for (uint32_t at = 0; at < ring->told_count; at++) {
    struct ring_connection *c = ring_find(ring, ring->told[at]);
    if (c == nullptr || !(c->flags & RING_DELIVERED)) continue;
    c->flags &= ~RING_DELIVERED;
    keep_rest(ring, c);
  }
  ring->told_count = 0;
}
