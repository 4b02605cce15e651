// ring_data_test.cc: what comes in: ranges, carrying over, AGAIN, half-close, reset.
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "harness.h"

using harness::Bench;
using harness::Client;
using harness::End;
using harness::Event;

CASE("data: the first row of the first turn is the tick, with day and second") {
  Bench bench;
  bench.start();
  harness::Peer peer(bench);
  bench.turn();
  const Event &tick = bench.log.at(0);
  const time_t now = time(nullptr);
  const int64_t told = static_cast<int64_t>(tick.offset) * 86400 + tick.length;
  CHECK(tick.kind == RING_TICK && tick.length < 86400);
  CHECK(told <= now && told >= now - 2);
}

CASE("data: ticks come every second without traffic, before the data of their turn, once each") {
  Bench bench;
  bench.start();
  Client client(bench);
  while (bench.count(RING_TICK) < 3) {
    client.peer.send("x");
    bench.turn();
    poll(nullptr, 0, 20);
  }
  int64_t last = -1;
  uint32_t data_turn = 0;
  for (const Event &event : bench.log) {
    if (event.kind == RING_DATA) data_turn = event.turn;
    if (event.kind != RING_TICK) continue;
    const int64_t second = static_cast<int64_t>(event.offset) * 86400 + event.length;
    CHECK(last < 0 || second == last + 1);
    CHECK(data_turn != event.turn);
    last = second;
  }
  const int64_t start = harness::now_ms();
  bench.turn();
  bench.turn();
  CHECK(harness::now_ms() - start <= 2100);
}

CASE("data: a new connection is told with its peer's address and port") {
  Bench bench;
  bench.start();
  Client client(bench);
  const uint8_t *peer = bench.peers->data() + (client.id & 0xffff) * RING_PEER_BYTES;
  const uint8_t loopback[] = {127, 0, 0, 1};
  uint16_t port;
  memcpy(&port, peer + 2, sizeof port);
  CHECK(client.id != 0 && peer[0] == 4 && port > 1023);
  CHECK(memcmp(peer + 4, loopback, 4) == 0);
  bench.add_unix_listener();
  Client local(bench);
  CHECK(bench.peers->data()[(local.id & 0xffff) * RING_PEER_BYTES] == 1);
}

CASE("data: one request costs one epoll_wait, one recvfrom, one sendmsg") {
  Bench bench;
  bench.start();
  Client client(bench);
  client.peer.send("warm");
  bench.consume(bench.next(RING_DATA));
  bench.put_scratch(client.id, "warm");
  bench.poke();
  for (int round = 0; round < 50; round++) {
    client.peer.send("GET /");
    harness::calls = {};
    const Event data = bench.next(RING_DATA);
    CHECK(data.text == "GET /");
    bench.consume(data);
    bench.put_scratch(client.id, "head");
    bench.put(client.id, RING_SEND_ARCHIVE, 5, 100);
    // The next turn carries this out and waits; the peer's next request ends the wait.
    client.peer.send("GET /");
    const Event second = bench.next(RING_DATA);
    bench.consume(second);
    CHECK(harness::calls.epoll_wait == 2 && harness::calls.recvfrom == 2);
    CHECK(harness::calls.sendmsg == 1 && harness::calls.epoll_ctl == 0);
  }
}

CASE("data: a request in pieces is one contiguous range from its first byte") {
  Bench bench;
  bench.start();
  Client client(bench);
  std::string sent;
  for (const char *piece : {"GET ", "/ HT", "T", "P/1.1\r\n"}) {
    client.peer.send(piece);
    sent += piece;
    CHECK(bench.next(RING_DATA).text == sent);
  }
  client.peer.send("\r\nGET");
  const Event whole = bench.next(RING_DATA);
  CHECK(whole.text == sent + "\r\nGET");
  bench.consume_part(whole, whole.length - 3);
  bench.poke();
  client.peer.send(" /2");
  CHECK(bench.next(RING_DATA).text == "GET /2");
}

CASE("data: what was not consumed is not told again before more bytes come") {
  Bench bench;
  bench.start();
  Client client(bench);
  client.peer.send("GET");
  bench.next(RING_DATA);
  bench.run_ms(30);
  CHECK(bench.count(RING_DATA) == 1);
}

CASE("data: AGAIN gives the rest in the next turn, and only while there is a rest") {
  Bench bench;
  bench.start();
  Client client(bench);
  client.peer.send("aabbcc");
  const Event first = bench.next(RING_DATA);
  bench.consume_part(first, 2, true);
  const Event second = bench.next(RING_DATA);
  CHECK(second.text == "bbcc");
  bench.consume_part(second, 2, true);
  const Event third = bench.next(RING_DATA);
  CHECK(third.text == "cc");
  bench.consume_part(third, 2, true);
  bench.run_ms(20);
  CHECK(bench.count(RING_DATA) == 3);
}

CASE("data: AGAIN waits until the output is gone, and the peer is not read meanwhile") {
  Bench bench;
  bench.start();
  Client client(bench, 4096);
  client.peer.send("aabb");
  const Event first = bench.next(RING_DATA);
  bench.put(client.id, RING_SEND_ARCHIVE, 0, 12 << 20);
  bench.consume_part(first, 2, true);
  bench.poke();
  client.peer.send("cc");
  bench.run_ms(30);
  CHECK(bench.count(RING_DATA) == 1);
  const std::string got = client.peer.take(bench, 12 << 20);
  CHECK(got.size() == 12u << 20 && memcmp(got.data(), bench.archive->data(), got.size()) == 0);
  CHECK(bench.next(RING_DATA).text == "bbcc");
}

CASE("data: more than one range may hold comes on as room is made") {
  Bench bench;
  bench.start();
  Client client(bench);
  std::string sent;
  for (int n = 0; n < 1000; n++) sent += std::to_string(n) + ",";
  client.peer.send(sent);
  std::string got;
  while (got.size() < sent.size()) {
    const Event data = bench.next(RING_DATA);
    got += data.text.substr(0, 700);
    bench.consume_part(data, data.length < 700 ? data.length : 700, true);
  }
  CHECK(got == sent);
}

CASE("data: an inbox with room for one serves many, each in its turn") {
  Bench bench;
  bench.config.inbox_bytes = bench.config.input_bytes_max + 1;
  bench.start();
  std::vector<Client> clients;
  for (int n = 0; n < 20; n++) clients.emplace_back(bench);
  for (Client &client : clients) client.peer.send(std::string(900, 'x'));
  for (size_t n = 0; n < clients.size(); n++) bench.consume(bench.next(RING_DATA));
  for (const Client &client : clients) CHECK(bench.count(RING_DATA, client.id) == 1);
}

CASE("data: a half-close is told once, after the data was dealt with") {
  Bench bench;
  bench.start();
  Client client(bench);
  client.peer.send("last");
  client.peer.half_close();
  const Event data = bench.next(RING_DATA);
  bench.consume_part(data, 2, true);
  const Event rest = bench.next(RING_DATA);
  CHECK(rest.text == "st" && bench.count(RING_HALF_CLOSED) == 0);
  bench.consume(rest);
  bench.put_scratch(client.id, "answer");
  bench.next(RING_HALF_CLOSED);
  bench.finish(client.id);
  bench.next(RING_CLOSED);
  CHECK(bench.count(RING_HALF_CLOSED) == 1 && bench.count(RING_CLOSED) == 1);
  CHECK(client.peer.take() == "answer" && client.peer.end == End::closed);
}

CASE("data: a half-close in the middle of a request is told; unanswered it is closed") {
  Bench bench;
  bench.start();
  Client client(bench);
  client.peer.send("GET /");
  bench.next(RING_DATA);
  client.peer.half_close();
  bench.next(RING_HALF_CLOSED);
  bench.next(RING_CLOSED);
  CHECK(client.peer.take_all(bench).empty() && client.peer.end == End::closed);
}

CASE("data: a half-close waits for the output that pends") {
  Bench bench;
  bench.start();
  Client client(bench, 4096);
  client.peer.send("x");
  client.peer.half_close();
  bench.consume(bench.next(RING_DATA));
  bench.put(client.id, RING_SEND_ARCHIVE, 0, 12 << 20);
  bench.run_ms(30);
  CHECK(bench.count(RING_HALF_CLOSED) == 0);
  CHECK(client.peer.take(bench, 12 << 20).size() == 12u << 20);
  bench.next(RING_HALF_CLOSED);
}

CASE("data: a reset is one CLOSED row, with data delivered, pending or none") {
  Bench bench;
  bench.start();
  Client silent(bench), delivered(bench), pending(bench, 4096);
  delivered.peer.send("x");
  bench.next(RING_DATA);
  pending.peer.send("y");
  bench.consume(bench.next(RING_DATA));
  bench.put(pending.id, RING_SEND_ARCHIVE, 0, 12 << 20);
  bench.poke();
  for (Client *client : {&silent, &delivered, &pending}) client->peer.reset();
  for (int n = 0; n < 3; n++) bench.next(RING_CLOSED);
  bench.run_ms(10);
  for (const Client *client : {&silent, &delivered, &pending})
    CHECK(bench.count(RING_CLOSED, client->id) == 1);
  CHECK(ring_connections(bench.ring) == 0);
}

CASE("data: interrupted calls are taken up again, a broken receive closes one connection") {
  Bench bench;
  bench.start();
  Client client(bench);
  client.peer.send("x");
  harness::faults.epoll_wait = {EINTR};
  harness::faults.recvfrom = {EINTR, EINTR};
  const Event data = bench.next(RING_DATA);
  harness::faults.sendmsg = {EINTR};
  bench.consume(data);
  bench.put_scratch(client.id, "answer");
  CHECK(client.peer.take(bench, 6) == "answer");
  client.peer.send("y");
  while (bench.count(RING_CLOSED) == 0) {
    harness::faults.recvfrom = {ETIMEDOUT, ETIMEDOUT};
    bench.turn();
    harness::faults.recvfrom.clear();
  }
  CHECK(bench.count(RING_CLOSED, client.id) == 1);
}
