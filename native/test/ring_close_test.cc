// ring_close_test.cc: how connections end: lingering, time-outs, draining, the control socket.
#include <poll.h>
#include <sys/socket.h>

#include "harness.h"

using harness::Bench;
using harness::Client;
using harness::End;
using harness::Event;
using harness::now_ms;

namespace {

void answer_and_finish(Bench &bench, Client &client) {
  client.peer.send("?");
  bench.consume(bench.next(RING_DATA));
  bench.put_scratch(client.id, "bye");
  bench.finish(client.id);
}

// Turns of their own length until an event comes; how long that took.
int64_t ms_until(Bench &bench, int kind) {
  const int64_t start = now_ms();
  bench.next(kind);
  return now_ms() - start;
}

}  // namespace

CASE("close: the peer sees our end at once, and its own end closes") {
  Bench bench;
  bench.start();
  Client client(bench);
  answer_and_finish(bench, client);
  CHECK(client.peer.take_all(bench) == "bye" && client.peer.end == End::closed);
  CHECK(bench.count(RING_CLOSED) == 0);
  client.peer.hang_up();
  CHECK(ms_until(bench, RING_CLOSED) < 1000);
}

CASE("close: a peer that already ended is closed without waiting") {
  Bench bench;
  bench.start();
  Client client(bench);
  client.peer.send("?");
  client.peer.half_close();
  const Event data = bench.next(RING_DATA);
  bench.put_scratch(client.id, "bye");
  bench.finish(client.id);
  bench.consume(data);
  CHECK(ms_until(bench, RING_CLOSED) < 1000);
  CHECK(client.peer.take() == "bye" && client.peer.end == End::closed);
}

CASE("close: a silent peer is closed after the silence") {
  Bench bench;
  bench.config.linger_silence_ms = 150;
  bench.config.linger_total_ms = 5000;
  bench.start();
  Client client(bench);
  answer_and_finish(bench, client);
  const int64_t took = ms_until(bench, RING_CLOSED);
  CHECK(took >= 148 && took <= 300);
}

CASE("close: a dribbling peer is closed after the total, however it dribbles") {
  Bench bench;
  bench.config.linger_silence_ms = 100;
  bench.config.linger_total_ms = 350;
  bench.start();
  Client client(bench);
  answer_and_finish(bench, client);
  bench.poke();
  const int64_t start = now_ms();
  while (bench.count(RING_CLOSED) == 0) {
    CHECK(now_ms() - start < 1000);
    client.peer.send("x");
    bench.run_ms(15);
  }
  CHECK(now_ms() - start >= 345 && now_ms() - start <= 500);
  CHECK(bench.count(RING_DATA) == 1);
}

CASE("close: a flood at a lingering connection is read and thrown away") {
  Bench bench;
  bench.start();
  Client client(bench);
  answer_and_finish(bench, client);
  bench.poke();
  const std::string flood(60000, 'f');
  for (int n = 0; n < 200; n++) {
    client.peer.send(flood);
    bench.poke();
  }
  CHECK(client.peer.take_all(bench) == "bye" && client.peer.end == End::closed);
  bench.run_ms(20);
  CHECK(ring_stats(bench.ring)->received_bytes == 200 * flood.size() + 1);
}

CASE("close: a reset while lingering is one CLOSED row") {
  Bench bench;
  bench.start();
  Client client(bench);
  answer_and_finish(bench, client);
  bench.poke();
  client.peer.reset();
  CHECK(ms_until(bench, RING_CLOSED) < 1000);
  bench.run_ms(10);
  CHECK(bench.count(RING_CLOSED) == 1);
}

CASE("close: a connection that never sent a byte, or rests between two, is closed in silence") {
  Bench bench;
  bench.config.idle_timeout_ms = 500;
  bench.start();
  Client silent(bench), active(bench);
  bench.run_ms(300);
  active.peer.send("?");
  bench.consume(bench.next(RING_DATA));
  CHECK(bench.next(RING_CLOSED).connection == silent.id);
  CHECK(silent.peer.take().empty() && silent.peer.end == End::closed);
  const int64_t took = ms_until(bench, RING_CLOSED);
  CHECK(took >= 100 && took <= 500 && bench.count(RING_EXPIRED) == 0);
}

CASE("close: an unfinished request expires by its first byte, however it dribbles") {
  Bench bench;
  bench.config.header_timeout_ms = 300;
  bench.start();
  Client client(bench);
  client.peer.send("G");
  bench.next(RING_DATA);
  const int64_t start = now_ms();
  while (bench.count(RING_EXPIRED) == 0) {
    CHECK(now_ms() - start < 1000);
    client.peer.send("x");
    bench.poke();
    poll(nullptr, 0, 5);
  }
  CHECK(now_ms() - start >= 290 && now_ms() - start <= 450);
  bench.put_scratch(client.id, "408");
  bench.finish(client.id);
  CHECK(client.peer.take_all(bench) == "408" && client.peer.end == End::closed);
  CHECK(bench.count(RING_EXPIRED) == 1);
}

CASE("close: an answered request starts the next one's time anew") {
  Bench bench;
  bench.config.header_timeout_ms = 500;
  bench.start();
  Client client(bench);
  client.peer.send("aab");
  Event data = bench.next(RING_DATA);
  bench.consume_part(data, 2);
  bench.run_ms(300);
  client.peer.send("bcc");
  data = bench.next(RING_DATA);
  CHECK(data.text == "bbcc");
  bench.consume_part(data, 2);
  bench.run_ms(300);
  CHECK(bench.count(RING_EXPIRED) == 0);
  const int64_t took = ms_until(bench, RING_EXPIRED);
  CHECK(took >= 50 && took <= 350);
}

CASE("close: an expired request that the caller leaves unanswered is closed") {
  Bench bench;
  bench.config.header_timeout_ms = 30;
  bench.start();
  Client client(bench);
  client.peer.send("G");
  bench.next(RING_EXPIRED);
  bench.next(RING_CLOSED);
  CHECK(bench.count(RING_CLOSED) == 1);
}

CASE("close: draining closes idle ones now, others after their answer, and tells the end once") {
  Bench bench;
  bench.start();
  Client idle(bench), busy(bench), half(bench);
  idle.peer.send("?");
  bench.consume(bench.next(RING_DATA));
  bench.run_ms(5);
  half.peer.send("G");
  bench.next(RING_DATA);
  busy.peer.send("?");
  const Event request = bench.next(RING_DATA);
  ring_withdraw(bench.ring);
  ring_drain(bench.ring, 5000);
  bench.consume(request);
  bench.put_scratch(busy.id, "answer");
  CHECK(busy.peer.take_all(bench) == "answer" && busy.peer.end == End::closed);
  CHECK(idle.peer.take_all(bench).empty() && idle.peer.end == End::closed);
  CHECK(half.peer.take().empty() && half.peer.end == End::open);
  half.peer.send("ET");
  const Event rest = bench.next(RING_DATA);
  CHECK(rest.text == "GET");
  bench.consume(rest);
  CHECK(half.peer.take_all(bench).empty() && half.peer.end == End::closed);
  for (Client *client : {&idle, &busy, &half}) client->peer.hang_up();
  bench.next(RING_DRAINED);
  bench.run_ms(20);
  CHECK(bench.count(RING_DRAINED) == 1 && bench.count(RING_CLOSED) == 3);
  harness::Peer late(bench);
  bench.run_ms(20);
  CHECK(bench.count(RING_OPENED) == 3);
}

CASE("close: draining ends stragglers at its deadline") {
  Bench bench;
  bench.start();
  Client half(bench), slow(bench, 4096);
  half.peer.send("G");
  bench.next(RING_DATA);
  slow.peer.send("?");
  bench.consume(bench.next(RING_DATA));
  bench.put(slow.id, RING_SEND_ARCHIVE, 0, 12 << 20);
  ring_withdraw(bench.ring);
  ring_drain(bench.ring, 200);
  const int64_t took = ms_until(bench, RING_DRAINED);
  CHECK(took >= 198 && took <= 350 && bench.count(RING_CLOSED) == 2);
}

CASE("close: a draining ring leaves a shared listener and who waits there to the other ring") {
  Bench old, heir;
  old.start();
  heir.start();
  CHECK(ring_listen(heir.ring, old.listener, 0) == 0);
  ring_withdraw(old.ring);
  ring_drain(old.ring, 5000);
  harness::Peer peer(old);
  old.run_ms(20);
  heir.opened();
  CHECK(old.count(RING_OPENED) == 0 && old.count(RING_DRAINED) == 1);
}

CASE("close: a listener of another ring is taken for a while, as often as it may be") {
  Bench helper, other;
  helper.start();
  other.start();
  for (int round = 0; round < 300; round++) {
    CHECK(ring_listen(helper.ring, other.listener, 0) == 0);
    ring_unlisten(helper.ring, other.listener);
  }
  ring_unlisten(helper.ring, other.listener);
  harness::Peer left(other);
  helper.run_ms(20);
  CHECK(helper.count(RING_OPENED) == 0);
  CHECK(ring_listen(helper.ring, other.listener, 0) == 0);
  helper.opened();
  ring_unlisten(helper.ring, other.listener);
  harness::Peer own(helper), late(other);
  helper.opened();
  other.opened();
  helper.run_ms(20);
  CHECK(helper.count(RING_OPENED) == 2 && other.count(RING_OPENED) == 1);
}

CASE("close: a draining ring serves who waits until the listener is shut") {
  Bench bench;
  bench.start();
  harness::Peer queued(bench);
  queued.send("?");
  ring_drain(bench.ring, 5000);
  bench.opened();
  const Event request = bench.next(RING_DATA);
  bench.consume(request);
  bench.put_scratch(request.connection, "answer");
  CHECK(queued.take_all(bench) == "answer" && queued.end == End::closed);
  queued.hang_up();
  bench.run_ms(50);
  CHECK(bench.count(RING_DRAINED) == 0);
  CHECK(shutdown(bench.listener, SHUT_RDWR) == 0);
  bench.next(RING_DRAINED);
  CHECK(bench.count(RING_DRAINED) == 1);
}

CASE("close: a listener that lasts is left at once, with who waits there") {
  Bench bench;
  bench.start(true);
  harness::Peer queued(bench);
  queued.send("?");
  ring_drain(bench.ring, 5000);
  bench.next(RING_DRAINED);
  CHECK(bench.count(RING_OPENED) == 0 && queued.end == End::open);
}

CASE("close: an idle connection whose request nobody received is answered when draining") {
  Bench bench;
  bench.start();
  Client client(bench);
  client.peer.send("?");
  ring_withdraw(bench.ring);
  ring_drain(bench.ring, 5000);
  const Event request = bench.next(RING_DATA);
  CHECK(request.text == "?");
  bench.consume(request);
  bench.put_scratch(client.id, "answer");
  CHECK(client.peer.take_all(bench) == "answer" && client.peer.end == End::closed);
}

CASE("close: a withdrawn ring keeps its connections, takes no new one, and ends with the last") {
  Bench bench;
  bench.start();
  Client client(bench);
  ring_withdraw(bench.ring);
  harness::Peer late(bench);
  bench.run_ms(50);
  CHECK(client.peer.take().empty() && client.peer.end == End::open);
  client.peer.send("?");
  bench.consume(bench.next(RING_DATA));
  bench.put_scratch(client.id, "answer");
  bench.run_ms(50);
  CHECK(client.peer.take() == "answer" && client.peer.end == End::open);
  client.peer.hang_up();
  bench.next(RING_DRAINED);
  bench.run_ms(20);
  CHECK(bench.count(RING_DRAINED) == 1 && bench.count(RING_OPENED) == 1);
}

CASE("close: draining nothing is told at once") {
  Bench bench;
  bench.start();
  ring_withdraw(bench.ring);
  ring_drain(bench.ring, 5000);
  CHECK(ms_until(bench, RING_DRAINED) < 50);
}

CASE("close: control bytes come one by one, its end as -1 once") {
  Bench bench;
  bench.start();
  bench.poke();
  CHECK(bench.next(RING_CONTROL).offset == 'p');
  bench.close_control();
  CHECK(bench.next(RING_CONTROL).offset == -1);
  bench.turn();
  bench.turn();
  CHECK(bench.count(RING_CONTROL) == 2);
}
