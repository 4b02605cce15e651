// ring.cc: opens a ring and takes it through its turns.
#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "pieces.h"
#include "ring_state.h"
#include "status.h"

static const uint64_t CONTROL = 2ull << 32;
static const size_t BLOCK_ALIGNMENT = 64;
static const int64_t DAY_SECONDS = 86400;

void ring_fault(const char *condition, const char *place) {
  const char *words[] = {"ring: not so: ", condition, " (", place, ")\n"};
  status_say(words, sizeof words / sizeof *words);
  abort();
}

void ring_row(struct ring *ring, uint32_t connection, int kind, int32_t offset, uint32_t length) {
  RING_ASSERT(ring->event_count < ring->config.event_rows);
  int32_t *row = ring->config.events + static_cast<size_t>(ring->event_count++) * RING_EVENT_FIELDS;
  row[RING_EVENT_CONNECTION] = static_cast<int32_t>(connection);
  row[RING_EVENT_KIND] = kind;
  row[RING_EVENT_OFFSET] = offset;
  row[RING_EVENT_LENGTH] = static_cast<int32_t>(length);
}

void ring_tell(struct ring *ring, struct ring_connection *c, int kind, uint32_t offset,
               uint32_t length) {
  const uint32_t id = ring_id(ring, c);
  ring_row(ring, id, kind, static_cast<int32_t>(offset), length);
  ring->told[ring->told_count++] = id;
}

static void check(const struct ring_config *config) {
  RING_ASSERT(config->connections_max >= 1 && config->connections_max <= RING_CONNECTIONS_MAX);
  RING_ASSERT(config->connections_spare >= 1 && config->connections_spare <= 1024);
  RING_ASSERT(config->event_rows >= 16 && config->accepts_per_turn >= 1);
  RING_ASSERT(config->input_bytes_max >= 1 && config->input_bytes_max < 1u << 30);
  RING_ASSERT(config->inbox_bytes > config->input_bytes_max && config->inbox_bytes < 1u << 31);
  RING_ASSERT(config->carry_blocks >= 1 && config->pending_blocks >= 1);
  RING_ASSERT(config->scratch_static_bytes <= config->scratch_bytes);
  RING_ASSERT(config->write_bytes_min >= 1 && config->write_bytes_min < 1u << 31);
  RING_ASSERT(config->pending_scratch_bytes < 1u << 30);
  RING_ASSERT(config->connections_per_address <= RING_CONNECTIONS_MAX);
  for (uint32_t at = 0; at < config->trusted_count; at++)
    RING_ASSERT(config->trusted[at * RING_NETWORK_BYTES + 1] <= 128);
}

static void place_pool(struct pieces *pieces, struct ring_pool *pool, uint32_t total) {
  pool->total = total;
  place(pieces, &pool->given_back, static_cast<size_t>(total) * sizeof(uint32_t));
}

static size_t place_all(struct ring *ring, uint8_t *base) {
  struct pieces pieces = {base, 0};
  const struct ring_config *config = &ring->config;
  const uint32_t slots = config->connections_max + config->connections_spare;
  place(&pieces, &ring->table, static_cast<size_t>(slots) * sizeof(struct ring_connection));
  place(&pieces, &ring->told, static_cast<size_t>(config->event_rows) * sizeof(uint32_t));
  place(&pieces, &ring->polled, RING_POLL_MAX * sizeof(struct epoll_event));
  place(&pieces, &ring->discard, RING_DISCARD_BYTES);
  place(&pieces, &ring->carry, static_cast<size_t>(config->carry_blocks) * config->input_bytes_max);
  place(&pieces, &ring->pending, config->pending_blocks * ring->pending_stride);
  ring->addresses.total = slots;
  place(&pieces, &ring->addresses.addresses, slots * sizeof(struct peer_address));
  place(&pieces, &ring->addresses.buckets, peer_buckets(slots) * sizeof(uint32_t));
  place_pool(&pieces, &ring->slots, slots);
  place_pool(&pieces, &ring->carry_pool, config->carry_blocks);
  place_pool(&pieces, &ring->pending_pool, config->pending_blocks);
  return pieces.used;
}

// Reserved, not taken: a page costs memory only once it is used, and no huge page rounds that up.
static bool reserve(struct ring *ring) {
  const size_t pending = sizeof(struct ring_pending) + ring->config.pending_scratch_bytes;
  ring->pending_stride = (pending + BLOCK_ALIGNMENT - 1) / BLOCK_ALIGNMENT * BLOCK_ALIGNMENT;
  ring->memory_bytes = place_all(ring, nullptr);
  ring->memory = mmap(nullptr, ring->memory_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (ring->memory == MAP_FAILED) return false;
  madvise(ring->memory, ring->memory_bytes, MADV_NOHUGEPAGE);
  place_all(ring, static_cast<uint8_t *>(ring->memory));
  ring->addresses.most = ring->config.connections_per_address;
  return peer_seed(&ring->addresses);
}

static bool watch_control(struct ring *ring) {
  if (ring->config.control_fd < 0) return true;
  struct epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u64 = CONTROL;
  return epoll_ctl(ring->epoll, EPOLL_CTL_ADD, ring->config.control_fd, &event) == 0;
}

struct ring *ring_open(const struct ring_config *config) {
  check(config);
  struct ring *ring = static_cast<struct ring *>(calloc(1, sizeof(struct ring)));
  if (ring == nullptr) return nullptr;
  ring->config = *config;
  // A number has 16 bits, spare slots included.
  const uint32_t most = (1u << RING_NUMBER_BITS) - config->connections_spare;
  if (ring->config.connections_max > most) ring->config.connections_max = most;
  for (struct ring_list &list : ring->lists) list = {RING_NONE, RING_NONE, 0};
  ring->memory = MAP_FAILED;
  ring->second = -1;
  ring->listening = true;
  ring_read_clock(ring);
  ring->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (ring->epoll >= 0 && reserve(ring) && watch_control(ring)) return ring;
  const int fault = errno;
  ring_close(ring);
  errno = fault;
  return nullptr;
}

void ring_close(struct ring *ring) {
  for (uint32_t number = 0; number < ring->slots.fresh; number++) {
    const struct ring_connection *c = &ring->table[number];
    if (c->state == RING_OPEN || c->state == RING_LINGERING) close(c->fd);
  }
  if (ring->memory != MAP_FAILED) munmap(ring->memory, ring->memory_bytes);
  if (ring->epoll >= 0) close(ring->epoll);
  free(ring);
}

static void note(struct ring *ring, uint32_t id, uint32_t mask) {
  struct ring_connection *c = ring_find(ring, id);
  if (c == nullptr) return;
  uint32_t flags = c->flags;
  if (mask & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) flags |= RING_READABLE;
  if (mask & EPOLLRDHUP) flags |= RING_PEER_ENDED;
  if ((mask & EPOLLERR) || ((mask & EPOLLHUP) && c->state == RING_OPEN)) flags |= RING_BROKEN;
  if ((mask & EPOLLOUT) && c->pending != RING_NONE) flags |= RING_WRITABLE;
  c->flags = static_cast<uint16_t>(flags);
  if (!(flags & (RING_READABLE | RING_BROKEN | RING_WRITABLE))) return;
  if (c->member[CHAIN_WORK] == LIST_OWED) return;
  if (c->member[CHAIN_WORK] == LIST_NONE) ring_append(ring, LIST_READY, c);
  // Bytes wait for it to be read: it is idle no longer, and nobody's room.
  if (c->member[CHAIN_CLASS] == LIST_IDLE) ring_leave(ring, CHAIN_CLASS, c);
}

static void wait_for_events(struct ring *ring) {
  const int count = epoll_wait(ring->epoll, ring->polled, RING_POLL_MAX, ring_wait_ms(ring));
  RING_ASSERT(count >= 0 || errno == EINTR);
  for (int at = 0; at < count; at++) {
    const uint64_t tag = ring->polled[at].data.u64;
    if (tag == CONTROL) {
      ring->control_ready = true;
    } else if (tag >> 32 != 0) {
      struct ring_listener *listener = &ring->listeners[static_cast<uint32_t>(tag)];
      listener->ready = true;
      listener->shut = (ring->polled[at].events & EPOLLHUP) != 0;
    } else {
      note(ring, static_cast<uint32_t>(tag), ring->polled[at].events);
    }
  }
}

static void tell_second(struct ring *ring) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  const int64_t second = time.tv_sec > 0 ? time.tv_sec : 0;
  ring->time_ms = second * 1000 + time.tv_nsec / 1000000;
  if (second == ring->second) return;
  ring->second = second;
  status_beat();
  ring_row(ring, 0, RING_TICK, static_cast<int32_t>(second / DAY_SECONDS),
           static_cast<uint32_t>(second % DAY_SECONDS));
}

static void tell_control(struct ring *ring) {
  if (!ring->control_ready) return;
  ring->control_ready = false;
  uint8_t order;
  const int64_t got = ring_take_bytes(ring->config.control_fd, &order, 1);
  if (got == -EAGAIN) return;
  ring_row(ring, 0, RING_CONTROL, got == 1 ? order : -1, 0);
  if (got == 1) return;
  epoll_ctl(ring->epoll, EPOLL_CTL_DEL, ring->config.control_fd, nullptr);
}

static void tell_owed(struct ring *ring, uint32_t rows) {
  while (ring->event_count < rows) {
    struct ring_connection *c = ring_first(ring, LIST_OWED);
    if (c == nullptr) return;
    ring_leave(ring, CHAIN_WORK, c);
    if (c->state == RING_GONE) {
      ring_row(ring, ring_id(ring, c), RING_CLOSED, 0, 0);
      ring_free(ring, c);
    } else {
      c->flags |= RING_ANSWERABLE;
      ring_tell(ring, c, RING_EXPIRED, 0, 0);
      if (c->flags & RING_BROKEN) ring_append(ring, LIST_READY, c);
    }
  }
}

static void tell_drained(struct ring *ring) {
  if (!ring_is_ending(ring)) return;
  if (ring->connections > 0 || ring->lists[LIST_OWED].count > 0) return;
  ring_row(ring, 0, RING_DRAINED, 0, 0);
  ring->drained_told = true;
}

// Heads expire and room is made before anything is received: no connection that a RING_DATA row of
// this turn names can be told to have expired as well, and a steady dribble does not hide a late
// one.
uint32_t ring_turn(struct ring *ring, uint32_t rows) {
  const uint32_t event_rows = ring->config.event_rows;
  ring_carry_out(ring, rows);
  ring_read_clock(ring);
  ring_tell_journal(ring);
  ring_settle(ring);
  ring->stats.turns++;
  ring->event_count = ring->inbox_used = 0;
  ring_watch_listeners(ring);
  wait_for_events(ring);
  ring_read_clock(ring);
  ring->received = ring->now;
  ring->received_us = ring->now_us;
  tell_second(ring);
  tell_control(ring);
  tell_owed(ring, event_rows / 2);
  ring_expire_heads(ring);
  ring_accept(ring);
  ring_receive(ring);
  ring_close_due(ring);
  tell_owed(ring, event_rows - 1);
  tell_drained(ring);
  return ring->event_count;
}

void ring_flush(struct ring *ring, uint32_t rows) {
  ring_carry_out(ring, rows);
}

void ring_withdraw(struct ring *ring) {
  ring->withdrawn = ring->leaving = true;
  ring_watch_listeners(ring);
}

// An idle connection may have sent a request that nobody received yet: each is looked at once more.
void ring_drain(struct ring *ring, uint32_t timeout_ms) {
  ring_read_clock(ring);
  ring->draining = ring->drain_timed = true;
  ring->drain_deadline = ring->now + timeout_ms;
  for (uint32_t index = 0; index < ring->listener_count; index++) {
    struct ring_listener *listener = &ring->listeners[index];
    if (listener->lasting && listener->fd >= 0) ring_forget_listener(ring, listener);
  }
  if (ring->listener_count == 0) ring->leaving = true;
  ring_watch_listeners(ring);
  while (struct ring_connection *c = ring_first(ring, LIST_IDLE)) {
    ring_leave(ring, CHAIN_CLASS, c);
    c->flags |= RING_READABLE;
    ring_append(ring, LIST_READY, c);
  }
}

int ring_epoll(const struct ring *ring) {
  return ring->epoll;
}

uint32_t ring_connections(const struct ring *ring) {
  return ring->connections;
}

const struct ring_stats *ring_stats(const struct ring *ring) {
  return &ring->stats;
}
