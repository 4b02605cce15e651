// ring_accept.cc: listeners, new connections, and room for them.
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ring_state.h"

static void pause_accepting(struct ring *ring) {
  ring->accept_paused = true;
  ring->accept_resume = ring->now + ring->config.accept_pause_ms;
  ring->stats.accept_pauses++;
}

static bool watch(struct ring *ring, uint32_t index) {
  struct ring_listener *listener = &ring->listeners[index];
  struct epoll_event event = {};
  event.events = EPOLLIN | EPOLLEXCLUSIVE;
  event.data.u64 = 1ull << 32 | index;
  return epoll_ctl(ring->epoll, EPOLL_CTL_ADD, listener->fd, &event) == 0;
}

static uint32_t find_listener(const struct ring *ring, int listener) {
  uint32_t index = 0;
  while (index < ring->listener_count && ring->listeners[index].fd != listener) index++;
  return index;
}

int ring_listen(struct ring *ring, int listener, int lasting) {
  const uint32_t index = find_listener(ring, RING_NO_LISTENER);
  if (index == RING_LISTENERS_MAX) return -ENOSPC;
  ring->listeners[index] = {listener, lasting != 0, false, false};
  if (ring->listening && !watch(ring, index)) {
    ring->listeners[index].fd = RING_NO_LISTENER;
    return -errno;
  }
  if (index == ring->listener_count) ring->listener_count++;
  return 0;
}

void ring_unlisten(struct ring *ring, int listener) {
  const uint32_t index = find_listener(ring, listener);
  if (index < ring->listener_count) ring_forget_listener(ring, &ring->listeners[index]);
}

static void unwatch(struct ring *ring) {
  for (uint32_t index = 0; index < ring->listener_count; index++) {
    ring->listeners[index].ready = false;
    if (ring->listeners[index].fd < 0) continue;
    epoll_ctl(ring->epoll, EPOLL_CTL_DEL, ring->listeners[index].fd, nullptr);
  }
}

// A listener that nobody may accept from would wake every wait: it is taken out. MOD is EINVAL on
// exclusive ones.
void ring_watch_listeners(struct ring *ring) {
  if (ring->accept_paused && ring->accept_resume <= ring->now) ring->accept_paused = false;
  const bool wanted = ring_has_one(&ring->slots) && !ring->accept_paused && !ring->leaving;
  if (wanted == ring->listening) return;
  ring->listening = wanted;
  if (!wanted) unwatch(ring);
  for (uint32_t index = 0; wanted && index < ring->listener_count; index++) {
    if (ring->listeners[index].fd < 0 || watch(ring, index)) continue;
    pause_accepting(ring);
    unwatch(ring);
    ring->listening = false;
    return;
  }
}

static void refuse(struct ring *ring, struct ring_connection *c) {
  c->flags |= RING_ANSWERABLE;
  ring_tell(ring, c, RING_REFUSED, 0, 0);
}

// At the limit somebody makes room, or the newcomer is refused; it takes a spare slot meanwhile.
static bool make_room(struct ring *ring) {
  struct ring_connection *c = ring_first(ring, LIST_TOTAL);
  if (c == nullptr) c = ring_first(ring, LIST_IDLE);
  struct ring_connection *head = c == nullptr ? ring_first(ring, LIST_HEAD) : nullptr;
  if (c == nullptr && head == nullptr) return false;
  ring->stats.evicted++;
  if (c != nullptr) {
    ring_hang_up(ring, c);
  } else {
    ring_expire(ring, head);
  }
  return true;
}

static void welcome(struct ring *ring, struct ring_connection *c) {
  if (ring->connections <= ring->config.connections_max || make_room(ring)) {
    ring_row(ring, ring_id(ring, c), RING_OPENED, 0, 0);
    ring_classify(ring, c, ring->now);
  } else {
    ring->stats.refused++;
    refuse(ring, c);
  }
}

// False: its address has as many as it may.
static bool enter(struct ring *ring, struct ring_connection *c) {
  const uint32_t number = peer_enter(&ring->addresses, ring_peer(ring, c));
  if (number == PEER_OVER) return false;
  c->address = static_cast<uint16_t>(number);
  return true;
}

static void admit(struct ring *ring, int fd, const struct sockaddr_storage *address) {
  struct ring_connection *c = &ring->table[ring_take(&ring->slots)];
  const uint32_t generation = c->generation % 0x7fffu + 1;
  *c = {};
  c->generation = static_cast<uint16_t>(generation);
  c->fd = fd;
  c->carry = c->pending = RING_NONE;
  struct epoll_event event = {};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = ring_id(ring, c);
  if (epoll_ctl(ring->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
    close(fd);
    ring_give_back(&ring->slots, ring_number(ring, c));
    return;
  }
  c->state = RING_OPEN;
  ring->connections++;
  ring->stats.accepted++;
  peer_write(&ring->config, ring_peer(ring, c), address);
  if (enter(ring, c)) {
    welcome(ring, c);
  } else {
    ring_append(ring, LIST_OVER, c);
  }
}

// A turn later, when whoever of its address hung up before it came is gone. Who is refused lingers
// soon, and takes nobody's place but that of another who does.
static void judge(struct ring *ring, struct ring_connection *c) {
  ring_leave(ring, CHAIN_WORK, c);
  if (enter(ring, c)) {
    welcome(ring, c);
    return;
  }
  ring->stats.refused_address++;
  struct ring_connection *lingering = ring_first(ring, LIST_TOTAL);
  if (ring->connections > ring->config.connections_max && lingering != nullptr)
    ring_hang_up(ring, lingering);
  refuse(ring, c);
}

static bool has_row(const struct ring *ring) {
  return ring->event_count < ring->config.event_rows / 4 * 3;
}

void ring_forget_listener(struct ring *ring, struct ring_listener *listener) {
  epoll_ctl(ring->epoll, EPOLL_CTL_DEL, listener->fd, nullptr);
  listener->fd = RING_NO_LISTENER;
  for (uint32_t index = 0; index < ring->listener_count; index++)
    if (ring->listeners[index].fd >= 0) return;
  ring->leaving = true;
}

// False: this listener has no more, or nobody may accept now.
static bool may_go_on(struct ring *ring, struct ring_listener *listener, int fault) {
  switch (fault) {
    case EAGAIN:
      if (listener->shut) ring_forget_listener(ring, listener);
      return false;
    case EINVAL:  // its owner shut it down; one of unix(7) says EAGAIN then
      ring_forget_listener(ring, listener);
      return false;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
      pause_accepting(ring);
      return false;
    case EBADF:
    case EFAULT:
    case ENOTSOCK:
      ring_fault("a listening socket", __FILE__);
    default:
      return true;  // the newcomer's own trouble, such as ECONNABORTED
  }
}

static void accept_from(struct ring *ring, struct ring_listener *listener, uint32_t *budget) {
  while (*budget > 0 && !ring->accept_paused) {
    if (!ring_has_one(&ring->slots) || !has_row(ring)) return;
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    address.ss_family = AF_UNSPEC;
    const int fd = accept4(listener->fd, reinterpret_cast<struct sockaddr *>(&address), &length,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
    (*budget)--;
    if (fd >= 0) {
      admit(ring, fd, &address);
    } else if (!may_go_on(ring, listener, errno)) {
      return;
    }
  }
}

void ring_accept(struct ring *ring) {
  while (ring->lists[LIST_OVER].count > 0 && has_row(ring))
    judge(ring, ring_first(ring, LIST_OVER));
  uint32_t budget = ring->config.accepts_per_turn;
  const uint32_t count = ring->listener_count;
  for (uint32_t turn = 0; turn < count; turn++) {
    struct ring_listener *listener = &ring->listeners[(ring->stats.turns + turn) % count];
    if (listener->ready) accept_from(ring, listener, &budget);
    listener->ready = false;
  }
}
