// harness.cc: tables, turns and peers.
#include "harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "../listener.h"

// Of the sanitizer's run-time; gcc brings no header for it.
extern "C" int __sanitizer_install_malloc_and_free_hooks(
    void (*on_allocation)(const volatile void *, size_t), void (*on_free)(const volatile void *));

namespace harness {

static bool inside_ring;
static int allocations;

int64_t now_ms() {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1000000;
}

static void on_allocation(const volatile void *, size_t) {
  if (inside_ring) allocations++;
}

static void on_free(const volatile void *) {}

Bench::Bench() {
  static const int hooked = __sanitizer_install_malloc_and_free_hooks(on_allocation, on_free);
  CHECK(hooked != 0);
  faults = {};
  config.inbox_bytes = 16384;
  config.event_rows = 64;
  config.outbox_rows = 512;
  config.scratch_bytes = 65536;
  config.scratch_static_bytes = 64;
  config.archive_bytes = 12 << 20;
  config.connections_max = 32;
  config.connections_spare = 4;
  config.input_bytes_max = 1024;
  config.carry_blocks = 8;
  config.pending_blocks = 8;
  config.pending_scratch_bytes = 4096;
  config.accepts_per_turn = 16;
  config.header_timeout_ms = config.idle_timeout_ms = config.write_timeout_ms = 20000;
  config.linger_silence_ms = 10000;
  config.linger_total_ms = 20000;
  config.write_bytes_min = 1;
  config.accept_pause_ms = 50;
}

void Bench::start(bool lasting) {
  const uint32_t slots = config.connections_max + config.connections_spare;
  inbox = std::make_unique<check::Guarded>(config.inbox_bytes);
  events = std::make_unique<check::Guarded>(config.event_rows * 16u);
  outbox = std::make_unique<check::Guarded>(config.outbox_rows * 16u);
  scratch = std::make_unique<check::Guarded>(config.scratch_bytes);
  archive = std::make_unique<check::Guarded>(config.archive_bytes);
  peers = std::make_unique<check::Guarded>(slots * RING_PEER_BYTES);
  for (size_t at = 0; at < archive->size(); at++)
    archive->data()[at] = static_cast<uint8_t>(at * 7 + (at >> 11));
  config.inbox = inbox->data();
  config.events = reinterpret_cast<int32_t *>(events->data());
  config.outbox = reinterpret_cast<uint32_t *>(outbox->data());
  config.scratch = scratch->data();
  config.archive = archive->data();
  config.peers = peers->data();
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  config.control_fd = ends[0];
  control_ = ends[1];
  ring = ring_open(&config);
  CHECK(ring != nullptr);
  const char *call;
  listener = listener_open("127.0.0.1", 0, false, 128, &call);
  CHECK(listener >= 0);
  port = static_cast<uint16_t>(listener_port(listener));
  listeners_.push_back(listener);
  CHECK(ring_listen(ring, listener, lasting ? 1 : 0) == 0);
  scratch_used_ = config.scratch_static_bytes;
}

void Bench::add_unix_listener() {
  struct sockaddr_un address = {};
  socklen_t length = sizeof(sa_family_t);
  address.sun_family = AF_UNIX;
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  CHECK(bind(fd, reinterpret_cast<struct sockaddr *>(&address), length) == 0);
  CHECK(listen(fd, 64) == 0);
  length = sizeof address;
  CHECK(getsockname(fd, reinterpret_cast<struct sockaddr *>(&address), &length) == 0);
  unix_name.assign(address.sun_path, length - sizeof(sa_family_t));
  listeners_.push_back(fd);
  CHECK(ring_listen(ring, fd, 0) == 0);
}

Bench::~Bench() {
  if (ring != nullptr) ring_close(ring);
  for (const int fd : listeners_) close(fd);
  if (config.control_fd >= 0) close(config.control_fd);
  close_control();
}

void Bench::close_control() {
  if (control_ >= 0) close(control_);
  control_ = -1;
}

void Bench::put(uint32_t connection, uint32_t op, uint32_t offset, uint32_t length) {
  CHECK(rows < config.outbox_rows);
  const uint32_t row[] = {connection, op, offset, length};
  memcpy(outbox->data() + rows++ * sizeof row, row, sizeof row);
}

void Bench::put_scratch(uint32_t connection, const std::string &text) {
  CHECK(scratch_used_ + text.size() <= config.scratch_bytes);
  memcpy(scratch->data() + scratch_used_, text.data(), text.size());
  put(connection, RING_SEND_SCRATCH, scratch_used_, static_cast<uint32_t>(text.size()));
  scratch_used_ += static_cast<uint32_t>(text.size());
}

void Bench::consume(const Event &data) {
  consume_part(data, data.length);
}

void Bench::consume_part(const Event &data, uint32_t length, bool again) {
  put(data.connection, RING_CONSUMED, again ? RING_AGAIN : 0, length);
}

void Bench::take_row(const int32_t *row) {
  Event event = {static_cast<uint32_t>(row[RING_EVENT_CONNECTION]), row[RING_EVENT_KIND],
                 row[RING_EVENT_OFFSET], static_cast<uint32_t>(row[RING_EVENT_LENGTH]), "", turns_};
  if (event.kind == RING_DATA) {
    const size_t offset = static_cast<size_t>(event.offset);
    CHECK(offset + event.length < inbox->size());
    CHECK(event.length > 0 && event.length <= config.input_bytes_max);
    CHECK(inbox->data()[offset + event.length] == 0);
    event.text.assign(reinterpret_cast<char *>(inbox->data()) + offset, event.length);
  }
  log.push_back(event);
}

uint32_t Bench::turn() {
  const uint32_t given = rows;
  turns_++;
  rows = 0;
  allocations = 0;
  inside_ring = true;
  const uint32_t count = ring_turn(ring, given);
  inside_ring = false;
  CHECK(allocations == 0);
  CHECK(count <= config.event_rows);
  // What the caller wrote is its own again: kept parts must not look at it.
  memset(scratch->data() + config.scratch_static_bytes, '!',
         config.scratch_bytes - config.scratch_static_bytes);
  scratch_used_ = config.scratch_static_bytes;
  for (uint32_t at = 0; at < count; at++)
    take_row(reinterpret_cast<int32_t *>(events->data()) + at * RING_EVENT_FIELDS);
  return count;
}

void Bench::poke() {
  CHECK(send(control_, "p", 1, MSG_NOSIGNAL) == 1);
  turn();
}

void Bench::run_ms(int64_t ms) {
  const int64_t until = now_ms() + ms;
  while (now_ms() < until) {
    poke();
    poll(nullptr, 0, 1);
  }
}

Event Bench::next(int kind) {
  const int64_t until = now_ms() + 4000;
  for (;;) {
    while (cursor_ < log.size())
      if (log[cursor_++].kind == kind) return log[cursor_ - 1];
    CHECK(now_ms() < until);
    turn();
  }
}

int Bench::count(int kind, uint32_t connection) const {
  int found = 0;
  for (const Event &event : log)
    if (event.kind == kind && (connection == 0 || event.connection == connection)) found++;
  return found;
}

static int connect_to(const Bench &bench, int receive_buffer, const char *source) {
  const bool local = !bench.unix_name.empty();
  struct sockaddr_un un = {};
  un.sun_family = AF_UNIX;
  memcpy(un.sun_path, bench.unix_name.data(), bench.unix_name.size());
  struct sockaddr_in in = {};
  in.sin_family = AF_INET;
  in.sin_port = htons(bench.port);
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(fd >= 0);
  if (receive_buffer > 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  struct sockaddr_in from = {};
  from.sin_family = AF_INET;
  if (source != nullptr) {
    CHECK(inet_pton(AF_INET, source, &from.sin_addr) == 1);
    CHECK(bind(fd, reinterpret_cast<struct sockaddr *>(&from), sizeof from) == 0);
  }
  const void *address = local ? static_cast<void *>(&un) : static_cast<void *>(&in);
  const size_t length = local ? sizeof(sa_family_t) + bench.unix_name.size() : sizeof in;
  CHECK(connect(fd, static_cast<const struct sockaddr *>(address),
                static_cast<socklen_t>(length)) == 0);
  const int on = 1;
  if (!local) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

Peer::Peer(const Bench &bench, int receive_buffer, const char *source)
    : fd_(connect_to(bench, receive_buffer, source)) {}

Peer::~Peer() {
  hang_up();
}

void Peer::send(const std::string &text) {
  const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
  if (sent < 0) end = End::reset;
  CHECK(sent < 0 || static_cast<size_t>(sent) == text.size());
}

void Peer::half_close() {
  CHECK(shutdown(fd_, SHUT_WR) == 0);
}

void Peer::reset() {
  const struct linger now = {1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  hang_up();
}

void Peer::hang_up() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

std::string Peer::take() {
  std::string all;
  char bytes[65536];
  while (end == End::open) {
    const ssize_t got = recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) end = got == 0 ? End::closed : End::reset;
    if (got > 0) all.append(bytes, static_cast<size_t>(got));
  }
  return all;
}

std::string Peer::take(Bench &bench, size_t bytes) {
  const int64_t until = now_ms() + 8000;
  std::string all;
  while (end == End::open && all.size() < bytes) {
    CHECK(now_ms() < until);
    bench.poke();
    const std::string more = take();
    if (more.empty()) poll(nullptr, 0, 1);
    all += more;
  }
  return all;
}

}  // namespace harness
