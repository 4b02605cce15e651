/* harness.h: a small ring with guarded tables, and the peers that talk to it over real sockets. */
#ifndef CDBSERVE_TEST_HARNESS_H
#define CDBSERVE_TEST_HARNESS_H

#include <memory>
#include <string>
#include <vector>

#include "../ring.h"
#include "check.h"

namespace harness {

int64_t now_ms();

/* System calls of the ring since the last reset, and faults to give instead of the next ones. */
struct Calls {
  int epoll_wait, recvfrom, sendmsg, accept4, epoll_ctl;
};
extern Calls calls;
struct Faults {
  std::vector<int> accept4, recvfrom, sendmsg, epoll_wait, epoll_ctl;
  /* Bytes that sockets take, the last one first and the first for ever; none: what they can. */
  std::vector<size_t> rooms;
};
extern Faults faults;

struct Event {
  uint32_t connection;
  int kind;
  int32_t offset;
  uint32_t length;
  std::string text;
  uint32_t turn; /* counted from 1 */
};

class Bench {
 public:
  Bench();
  ~Bench();
  Bench(const Bench &) = delete;

  /* Tables as `config` says, a ring over them, a loopback listener in it. */
  void start(bool lasting = false);
  void add_unix_listener();

  void put(uint32_t connection, uint32_t op, uint32_t offset, uint32_t length);
  void put_scratch(uint32_t connection, const std::string &text);
  void consume(const Event &data);
  void consume_part(const Event &data, uint32_t length, bool again = false);
  void finish(uint32_t connection) { put(connection, RING_FINISH, 0, 0); }

  /* One turn that may wait, one that does not (woken over the control socket). */
  uint32_t turn();
  void poke();
  /* Turns for so long, without waiting in the ring. */
  void run_ms(int64_t ms);
  /* The next event of a kind after the one given last; fails after 4 s. */
  Event next(int kind);
  Event opened() { return next(RING_OPENED); }
  int count(int kind, uint32_t connection = 0) const;
  /* After the log was cleared. */
  void rewind() { cursor_ = 0; }
  void close_control();

  struct ring_config config = {};
  struct ring *ring = nullptr;
  uint16_t port = 0;
  std::vector<Event> log;
  uint32_t rows = 0;
  std::unique_ptr<check::Guarded> inbox, events, outbox, scratch, archive, peers;
  std::string unix_name;
  int listener = -1;

 private:
  void take_row(const int32_t *row);
  size_t cursor_ = 0;
  uint32_t turns_ = 0;
  uint32_t scratch_used_ = 0;
  int control_ = -1;
  std::vector<int> listeners_;
};

enum class End { open, closed, reset };

class Peer {
 public:
  explicit Peer(const Bench &bench, int receive_buffer = 0, const char *source = nullptr);
  Peer(Peer &&other) : end(other.end), fd_(other.fd_) { other.fd_ = -1; }
  ~Peer();

  void send(const std::string &text);
  void half_close();
  void reset();
  void hang_up();
  /* What is there now; notes an end. */
  std::string take();
  /* Takes, with turns of the bench between, until that many bytes came or the end. */
  std::string take(Bench &bench, size_t bytes);
  std::string take_all(Bench &bench) { return take(bench, SIZE_MAX); }

  End end = End::open;

 private:
  int fd_;
};

/* Opened and known to the bench. */
struct Client {
  explicit Client(Bench &bench, int receive_buffer = 0, const char *source = nullptr)
      : peer(bench, receive_buffer, source), id(bench.opened().connection) {}
  Peer peer;
  uint32_t id;
};

}  // namespace harness

#endif
