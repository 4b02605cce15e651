// ring_send_test.cc: what goes out: parts, what a socket does not take, bad rows, finishing.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "../ring_state.h"
#include "harness.h"

using harness::Bench;
using harness::Client;
using harness::End;
using harness::Event;
using harness::faults;
using harness::now_ms;

namespace {

std::string archive_text(const Bench &bench, size_t offset, size_t length) {
  return std::string(reinterpret_cast<char *>(bench.archive->data()) + offset, length);
}

// A request of `client` is before the caller: it may be answered.
Event ask(Bench &bench, Client &client) {
  client.peer.send("?");
  const Event data = bench.next(RING_DATA);
  bench.consume(data);
  return data;
}

// The signal that ended a child which does `act` to a ring with one connection that asked.
template <typename Act>
int signal_of(Act act) {
  const pid_t child = fork();
  if (child == 0) {
    if (freopen("/dev/null", "w", stderr) == nullptr) _exit(2);
    signal(SIGABRT, SIG_DFL);
    Bench bench;
    bench.start();
    Client client(bench);
    client.peer.send("?");
    act(bench, bench.next(RING_DATA));
    bench.poke();
    _exit(0);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace

CASE("send: archive and scratch parts arrive in order, empty ones send nothing") {
  Bench bench;
  bench.start();
  Client client(bench);
  ask(bench, client);
  std::string wanted;
  for (uint32_t n = 0; n < 32; n++) {
    bench.put(client.id, RING_SEND_ARCHIVE, n * 1000, n);
    bench.put_scratch(client.id, "<" + std::to_string(n) + ">");
    wanted += archive_text(bench, n * 1000, n) + "<" + std::to_string(n) + ">";
  }
  harness::calls = {};
  CHECK(client.peer.take(bench, wanted.size()) == wanted);
  CHECK(harness::calls.sendmsg == 1);
}

CASE("send: a slow reader gets every byte; scratch was copied, static scratch was not") {
  Bench bench;
  bench.start();
  memcpy(bench.scratch->data(), "STATIC", 6);
  Client client(bench, 4096);
  ask(bench, client);
  bench.put(client.id, RING_SEND_ARCHIVE, 7, 6 << 20);
  bench.put_scratch(client.id, std::string(4096, 'c'));
  bench.put(client.id, RING_SEND_SCRATCH, 0, 6);
  bench.put(client.id, RING_SEND_ARCHIVE, 0, 5 << 20);
  const std::string wanted = archive_text(bench, 7, 6 << 20) + std::string(4096, 'c') + "STATIC" +
                             archive_text(bench, 0, 5 << 20);
  CHECK(client.peer.take(bench, wanted.size()) == wanted);
  ask(bench, client);
  bench.put_scratch(client.id, "next");
  CHECK(client.peer.take(bench, 4) == "next");
  CHECK(ring_stats(bench.ring)->sent_bytes == wanted.size() + 4);
}

CASE("send: rows flushed in the middle of a turn come before those that follow") {
  Bench bench;
  bench.start();
  Client client(bench, 4096);
  ask(bench, client);
  bench.put(client.id, RING_SEND_ARCHIVE, 0, 8 << 20);
  bench.put_scratch(client.id, "one");
  ring_flush(bench.ring, bench.rows);
  bench.rows = 0;
  bench.put_scratch(client.id, "two");
  bench.put(client.id, RING_SEND_ARCHIVE, 1, 9);
  bench.finish(client.id);
  const std::string wanted = archive_text(bench, 0, 8 << 20) + "onetwo" + archive_text(bench, 1, 9);
  CHECK(client.peer.take_all(bench) == wanted && client.peer.end == End::closed);
}

CASE("send: rows of a connection that is gone are skipped, of its successor's number too") {
  Bench bench;
  bench.start();
  Client old(bench);
  old.peer.reset();
  bench.next(RING_CLOSED);
  Client fresh(bench);
  CHECK((fresh.id & 0xffff) == (old.id & 0xffff) && fresh.id != old.id);
  bench.put_scratch(old.id, "for the dead");
  bench.finish(old.id);
  ask(bench, fresh);
  bench.put_scratch(fresh.id, "for the living");
  CHECK(fresh.peer.take(bench, 14) == "for the living");
  CHECK(bench.count(RING_CLOSED, fresh.id) == 0);
}

CASE("send: a generation wraps without ever giving the id 0 or the last one again") {
  Bench bench;
  bench.start();
  bench.add_unix_listener();
  uint32_t last = 0;
  bool wrapped = false;
  for (int n = 0; n < 33000; n++) {
    harness::Peer peer(bench);
    const uint32_t id = bench.opened().connection;
    CHECK(id >> 16 >= 1 && id >> 16 <= 0x7fff && id != last);
    wrapped = wrapped || id < last;
    last = id;
    peer.hang_up();
    bench.next(RING_CLOSED);
    bench.log.clear();
    bench.rewind();
  }
  CHECK(wrapped);
}

CASE("send: when pending blocks run out, who made no progress for longest is cut off") {
  Bench bench;
  bench.config.pending_blocks = 2;
  bench.start();
  Client stuck(bench, 4096), slow(bench, 4096), third(bench, 4096);
  for (Client *client : {&stuck, &slow}) {
    ask(bench, *client);
    bench.put(client->id, RING_SEND_ARCHIVE, 0, 12 << 20);
    bench.poke();
  }
  slow.peer.take(bench, 4 << 20);
  ask(bench, third);
  bench.put(third.id, RING_SEND_ARCHIVE, 0, 12 << 20);
  CHECK(bench.next(RING_CLOSED).connection == stuck.id);
  CHECK(third.peer.take(bench, 12 << 20).size() == 12u << 20);
  CHECK(bench.count(RING_CLOSED) == 1 && ring_stats(bench.ring)->evicted == 1);
}

CASE("send: no progress for the write time-out is cut off; a byte now and then is not") {
  Bench bench;
  bench.config.write_timeout_ms = 500;
  bench.start();
  Client stuck(bench, 4096), slow(bench, 4096);
  for (Client *client : {&stuck, &slow}) {
    ask(bench, *client);
    bench.put(client->id, RING_SEND_ARCHIVE, 0, 12 << 20);
  }
  bench.poke();
  const int64_t start = now_ms();
  size_t taken = 0;
  while (bench.count(RING_CLOSED) == 0) {
    CHECK(now_ms() - start < 3000);
    taken += slow.peer.take().size();
    bench.poke();
    poll(nullptr, 0, 5);
  }
  CHECK(bench.count(RING_CLOSED, stuck.id) == 1 && now_ms() - start >= 490);
  CHECK(ring_stats(bench.ring)->cut_off == 1);
  CHECK(taken + slow.peer.take(bench, (12u << 20) - taken).size() == 12u << 20);
}

namespace {

/* A client whose kernel takes just what a test says, when its peer makes a sign. */
struct Sipper {
  explicit Sipper(uint32_t bytes_min) {
    bench.config.write_bytes_min = bytes_min;
    bench.start();
    client.emplace_back(bench);
    ask(bench, client[0]);
    faults.rooms = {0};
    bench.put(client[0].id, RING_SEND_ARCHIVE, 0, 12 << 20);
    bench.poke();
  }
  ~Sipper() { faults.rooms = {}; }

  int64_t deadline() {
    const struct ring_connection *c = &bench.ring->table[client[0].id & 0xffff];
    CHECK(c->member[CHAIN_CLASS] == LIST_WRITE);
    return c->deadline[CHAIN_CLASS];
  }
  /* Did that win time? */
  bool sip(size_t bytes) {
    const int64_t before = deadline();
    bench.run_ms(3);
    faults.rooms = {0, bytes};
    client[0].peer.send("?");
    while (faults.rooms.size() > 1) bench.turn();
    return deadline() > before;
  }

  Bench bench;
  std::vector<Client> client;
};

}  // namespace

CASE("send: time is won by as many bytes as are to be taken in a window, and not by one less") {
  Sipper sipper(1000);
  CHECK(!sipper.sip(999));
  CHECK(sipper.sip(1));
  CHECK(!sipper.sip(500) && !sipper.sip(499) && sipper.sip(1));
  CHECK(sipper.sip(1000) && sipper.sip(1001) && !sipper.sip(999));
}

CASE("send: where no rate is asked for each byte wins time") {
  Sipper sipper(1);
  CHECK(sipper.sip(1) && sipper.sip(1));
}

CASE("send: a peer that resets while we send is closed, and nobody is signalled") {
  Bench bench;
  bench.start();
  Client client(bench);
  ask(bench, client);
  client.peer.reset();
  poll(nullptr, 0, 5);
  bench.put(client.id, RING_SEND_ARCHIVE, 0, 1 << 20);
  bench.put_scratch(client.id, "more");
  bench.finish(client.id);
  bench.next(RING_CLOSED);
  CHECK(bench.count(RING_CLOSED, client.id) == 1);
}

CASE("send: sockets without buffers are a value, an unknown refusal closes one connection") {
  Bench bench;
  bench.start();
  Client client(bench);
  ask(bench, client);
  faults.sendmsg = {ENOBUFS};
  bench.put_scratch(client.id, "answer");
  CHECK(bench.next(RING_CLOSED).connection == client.id);
}

CASE("send: FINISH sends all, then the end; later rows and bytes are dropped") {
  Bench bench;
  bench.start();
  Client client(bench, 4096);
  client.peer.send("?body");
  const Event data = bench.next(RING_DATA);
  bench.put(client.id, RING_SEND_ARCHIVE, 0, 8 << 20);
  bench.finish(client.id);
  bench.put_scratch(client.id, "never");
  bench.consume_part(data, 1, true);
  bench.poke();
  client.peer.send("more body");
  CHECK(client.peer.take_all(bench) == archive_text(bench, 0, 8 << 20));
  CHECK(client.peer.end == End::closed && bench.count(RING_CLOSED) == 0);
  client.peer.send("and more");
  bench.run_ms(20);
  CHECK(bench.count(RING_DATA) == 1 && bench.count(RING_CLOSED) == 0);
  client.peer.hang_up();
  bench.next(RING_CLOSED);
}

CASE("send: a bad row aborts, whatever it is") {
  const auto bad = [](uint32_t op, uint32_t offset, uint32_t length) {
    return signal_of([=](Bench &bench, const Event &data) {
      bench.put(data.connection, op, offset, length);
    });
  };
  CHECK(bad(RING_SEND_SCRATCH, 64, 100) == 0);
  CHECK(bad(0, 0, 0) == SIGABRT);
  CHECK(bad(7, 0, 0) == SIGABRT);
  CHECK(bad(RING_SEND_ARCHIVE, 12 << 20, 1) == SIGABRT);
  CHECK(bad(RING_SEND_ARCHIVE, 0xffffffff, 0xffffffff) == SIGABRT);
  CHECK(bad(RING_SEND_SCRATCH, 65535, 2) == SIGABRT);
  CHECK(bad(RING_SEND_SCRATCH, 64, 4097) == SIGABRT);
  CHECK(bad(RING_CONSUMED, 0, 2) == SIGABRT);
  CHECK(signal_of([](Bench &bench, const Event &) { bench.finish(1 << 16 | 99); }) == SIGABRT);
  CHECK(signal_of([](Bench &bench, const Event &) { bench.rows = 513; }) == SIGABRT);
  const auto parts = [](int count) {
    return signal_of([=](Bench &bench, const Event &data) {
      for (int n = 0; n < count; n++) bench.put(data.connection, RING_SEND_ARCHIVE, 0, 1);
    });
  };
  CHECK(parts(64) == 0);
  CHECK(parts(65) == SIGABRT);
}

CASE("send: a full carry without AGAIN is the caller's fault and aborts") {
  CHECK(signal_of([](Bench &bench, const Event &) {
          Client client(bench);
          client.peer.send(std::string(1024, 'x'));
          bench.next(RING_DATA);
        }) == SIGABRT);
}
