// ring_timers.cc: intrusive FIFO lists and the deadlines they are ordered by.
//
// Every class has one time-out for all, so that its list is in order of deadlines by itself.
#include <time.h>

#include "ring_state.h"

static const int64_t WAIT_MS_MAX = 1000;

static const uint8_t CHAIN_OF[LISTS] = {
    CHAINS,      CHAIN_CLASS, CHAIN_CLASS, CHAIN_CLASS, CHAIN_CLASS,
    CHAIN_TOTAL, CHAIN_WORK,  CHAIN_WORK,  CHAIN_WORK,  CHAIN_CARRY,
};

void ring_read_clock(struct ring *ring) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  ring->now_us = static_cast<int64_t>(time.tv_sec) * 1000000 + time.tv_nsec / 1000;
  ring->now = ring->now_us / 1000;
}

struct ring_connection *ring_first(struct ring *ring, int list) {
  const uint32_t first = ring->lists[list].first;
  return first == RING_NONE ? nullptr : &ring->table[first];
}

void ring_leave(struct ring *ring, int chain, struct ring_connection *c) {
  if (c->member[chain] == LIST_NONE) return;
  struct ring_list *list = &ring->lists[c->member[chain]];
  const struct ring_link link = c->links[chain];
  uint32_t *to_after = link.before == RING_NONE ? &list->first
                                                : &ring->table[link.before].links[chain].after;
  uint32_t *to_before = link.after == RING_NONE ? &list->last
                                                : &ring->table[link.after].links[chain].before;
  *to_after = link.after;
  *to_before = link.before;
  list->count--;
  c->member[chain] = LIST_NONE;
}

void ring_append(struct ring *ring, int list_name, struct ring_connection *c) {
  const int chain = CHAIN_OF[list_name];
  ring_leave(ring, chain, c);
  struct ring_list *list = &ring->lists[list_name];
  const uint32_t number = ring_number(ring, c);
  c->links[chain] = {list->last, RING_NONE};
  if (list->last == RING_NONE) {
    list->first = number;
  } else {
    ring->table[list->last].links[chain].after = number;
  }
  list->last = number;
  list->count++;
  c->member[chain] = static_cast<uint8_t>(list_name);
}

void ring_append_until(struct ring *ring, int list, struct ring_connection *c, int64_t deadline) {
  ring_append(ring, list, c);
  c->deadline[CHAIN_OF[list]] = deadline;
}

static struct ring_connection *due(struct ring *ring, int list) {
  struct ring_connection *c = ring_first(ring, list);
  return c != nullptr && c->deadline[CHAIN_OF[list]] <= ring->now ? c : nullptr;
}

void ring_expire_heads(struct ring *ring) {
  while (struct ring_connection *c = due(ring, LIST_HEAD)) ring_expire(ring, c);
}

void ring_close_due(struct ring *ring) {
  static const uint8_t closing[] = {LIST_IDLE, LIST_WRITE, LIST_SILENCE, LIST_TOTAL};
  for (const int list : closing)
    while (struct ring_connection *c = due(ring, list)) {
      if (list == LIST_WRITE) ring->stats.cut_off++;
      ring_hang_up(ring, c);
    }
  if (!ring->drain_timed || ring->drain_deadline > ring->now) return;
  ring->drain_timed = false;
  ring->leaving = true;
  ring_watch_listeners(ring);
  for (uint32_t number = 0; number < ring->slots.fresh; number++) {
    struct ring_connection *c = &ring->table[number];
    if (c->state == RING_OPEN || c->state == RING_LINGERING) ring_hang_up(ring, c);
  }
}

static int64_t earlier(int64_t one, bool holds, int64_t other) {
  return holds && other < one ? other : one;
}

// How long nothing can be due: 0 while there is work. A tick needs no wait of its own under
// traffic.
int ring_wait_ms(struct ring *ring) {
  const bool all_gone = ring_is_ending(ring) && ring->connections == 0;
  if (all_gone) return 0;
  for (int list = LIST_READY; list <= LIST_OVER; list++)
    if (ring->lists[list].count > 0) return 0;
  int64_t until = ring->now + WAIT_MS_MAX;
  for (int list = LIST_IDLE; list <= LIST_TOTAL; list++) {
    const struct ring_connection *c = ring_first(ring, list);
    if (c != nullptr) until = earlier(until, true, c->deadline[CHAIN_OF[list]]);
  }
  until = earlier(until, ring->accept_paused, ring->accept_resume);
  until = earlier(until, ring->drain_timed, ring->drain_deadline);
  return until > ring->now ? static_cast<int>(until - ring->now) : 0;
}
