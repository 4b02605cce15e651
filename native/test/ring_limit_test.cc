// ring_limit_test.cc: limits of connections, blocks, rows and descriptors, and what they cost.
#include <errno.h>
#include <poll.h>
#include <sys/resource.h>

#include "../ring_state.h"
#include "harness.h"

using harness::Bench;
using harness::Client;
using harness::End;
using harness::Event;

namespace {

std::vector<Client> fill(Bench &bench) {
  std::vector<Client> clients;
  for (uint32_t n = 0; n < bench.config.connections_max; n++) clients.emplace_back(bench);
  return clients;
}

void start_request(Bench &bench, Client &client) {
  client.peer.send("G");
  bench.next(RING_DATA);
}

void stall_answer(Bench &bench, Client &client) {
  client.peer.send("?");
  bench.consume(bench.next(RING_DATA));
  bench.put(client.id, RING_SEND_ARCHIVE, 0, 12 << 20);
  bench.poke();
}

}  // namespace

CASE("limit: room is made by the lingering, then the longest idle, then the oldest head") {
  Bench bench;
  bench.config.connections_max = 4;
  bench.start();
  std::vector<Client> clients = fill(bench);
  start_request(bench, clients[0]);
  start_request(bench, clients[1]);
  clients[3].peer.send("?");
  bench.consume(bench.next(RING_DATA));
  bench.finish(clients[3].id);
  bench.poke();
  Client first(bench);
  CHECK(bench.next(RING_CLOSED).connection == clients[3].id);
  start_request(bench, first);
  Client second(bench);
  CHECK(bench.next(RING_CLOSED).connection == clients[2].id);
  start_request(bench, second);
  Client third(bench);
  CHECK(bench.next(RING_EXPIRED).connection == clients[0].id);
  bench.put_scratch(clients[0].id, "408");
  bench.finish(clients[0].id);
  CHECK(clients[0].peer.take_all(bench) == "408");
  CHECK(ring_stats(bench.ring)->evicted == 3 && bench.count(RING_REFUSED) == 0);
}

CASE("limit: when everyone is being answered the newcomer is refused, answered, finished") {
  Bench bench;
  bench.config.connections_max = 3;
  bench.start();
  std::vector<Client> clients;
  for (int n = 0; n < 3; n++) {
    clients.emplace_back(bench, 4096);
    stall_answer(bench, clients.back());
  }
  harness::Peer newcomer(bench);
  const Event refused = bench.next(RING_REFUSED);
  CHECK(bench.peers->data()[(refused.connection & 0xffff) * RING_PEER_BYTES] == 4);
  newcomer.send("GET /");
  bench.put_scratch(refused.connection, "503");
  bench.finish(refused.connection);
  CHECK(newcomer.take_all(bench) == "503" && newcomer.end == End::closed);
  newcomer.hang_up();
  CHECK(bench.next(RING_CLOSED).connection == refused.connection);
  CHECK(bench.count(RING_OPENED, refused.connection) == 0);
  CHECK(ring_stats(bench.ring)->refused == 1);
}

CASE("limit: without a slot nobody is accepted and nothing spins; a free one goes on") {
  Bench bench;
  bench.config.connections_max = 2;
  bench.config.connections_spare = 2;
  bench.start();
  std::vector<Client> clients;
  std::vector<harness::Peer> refused;
  for (int n = 0; n < 2; n++) {
    clients.emplace_back(bench, 4096);
    stall_answer(bench, clients.back());
  }
  for (int n = 0; n < 2; n++) {
    refused.emplace_back(bench, 4096);
    const uint32_t id = bench.next(RING_REFUSED).connection;
    bench.put(id, RING_SEND_ARCHIVE, 0, 12 << 20);
    bench.finish(id);
    bench.poke();
  }
  harness::Peer waiting(bench);
  bench.run_ms(10);
  harness::calls = {};
  bench.turn();
  CHECK(harness::calls.epoll_wait == 1 && harness::calls.accept4 == 0);
  clients[0].peer.reset();
  bench.next(RING_REFUSED);
  CHECK(bench.count(RING_REFUSED) == 3);
}

CASE("limit: at the limit a waiting request is not thrown away as idle") {
  Bench bench;
  bench.config.connections_max = 2;
  bench.start();
  std::vector<Client> clients = fill(bench);
  clients[0].peer.send("GET /");
  harness::Peer newcomer(bench);
  poll(nullptr, 0, 20);
  bench.opened();
  CHECK(bench.count(RING_DATA, clients[0].id) == 1);
  CHECK(bench.next(RING_CLOSED).connection == clients[1].id);
}

CASE("limit: in one turn as many are accepted as may be, and no more; the others in the next") {
  for (const uint32_t coming : {2u, 3u, 4u}) {
    Bench bench;
    bench.config.accepts_per_turn = 3;
    bench.start();
    bench.poke();
    std::vector<harness::Peer> peers;
    while (peers.size() < coming) peers.emplace_back(bench);
    poll(nullptr, 0, 20);
    bench.turn();
    CHECK(bench.count(RING_OPENED) == (coming < 3 ? 2 : 3));
    while (bench.count(RING_OPENED) < static_cast<int>(coming)) bench.opened();
  }
}

CASE("limit: no descriptor left pauses accepting, then goes on; it never spins") {
  Bench bench;
  bench.start();
  bench.poke();
  struct rlimit before;
  CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
  harness::Peer first(bench), second(bench);
  const int free_now = dup(0);
  close(free_now);
  const struct rlimit tight = {static_cast<rlim_t>(free_now), before.rlim_max};
  CHECK(setrlimit(RLIMIT_NOFILE, &tight) == 0);
  harness::calls = {};
  bench.run_ms(300);
  const int pauses = static_cast<int>(ring_stats(bench.ring)->accept_pauses);
  CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(pauses >= 2 && pauses <= 7);
  CHECK(harness::calls.accept4 == pauses && bench.count(RING_OPENED) == 0);
  bench.opened();
  bench.opened();
}

CASE("limit: one pause for each of its four errors; strangers' errors go on") {
  for (const int fault : {EMFILE, ENFILE, ENOMEM, ENOBUFS}) {
    Bench bench;
    bench.start();
    harness::faults.accept4 = {fault};
    Client client(bench);
    CHECK(ring_stats(bench.ring)->accept_pauses == 1);
  }
  Bench bench;
  bench.start();
  harness::faults.accept4 = {ECONNABORTED, EINTR, EPROTO, ENETDOWN, EPERM, EHOSTUNREACH};
  Client client(bench);
  CHECK(ring_stats(bench.ring)->accept_pauses == 0);
}

CASE("limit: a connection that epoll has no room for is closed and never told") {
  Bench bench;
  bench.start();
  bench.poke();
  harness::Peer unlucky(bench);
  harness::faults.epoll_ctl = {ENOSPC};
  bench.turn();
  Client lucky(bench);
  CHECK(bench.count(RING_OPENED) == 1 && ring_connections(bench.ring) == 1);
  CHECK(unlucky.take_all(bench).empty() && unlucky.end != End::open);
}

CASE("limit: when carry blocks run out the oldest unfinished request expires") {
  Bench bench;
  bench.config.carry_blocks = 3;
  bench.start();
  std::vector<Client> clients;
  for (int n = 0; n < 4; n++) {
    clients.emplace_back(bench);
    start_request(bench, clients.back());
  }
  CHECK(bench.next(RING_EXPIRED).connection == clients[0].id);
  clients[0].peer.send("late bytes");
  bench.put_scratch(clients[0].id, "408");
  bench.finish(clients[0].id);
  CHECK(clients[0].peer.take_all(bench) == "408");
  for (size_t n = 1; n < 4; n++) {
    clients[n].peer.send("ET");
    const Event data = bench.next(RING_DATA);
    CHECK(data.connection == clients[n].id && data.text == "GET");
    bench.consume(data);
  }
  CHECK(bench.count(RING_EXPIRED) == 1);
}

CASE("limit: when only answered ones hold carry blocks the oldest of them is closed") {
  Bench bench;
  bench.config.carry_blocks = 2;
  bench.start();
  std::vector<Client> clients;
  for (int n = 0; n < 2; n++) {
    clients.emplace_back(bench, 4096);
    clients.back().peer.send("ab");
    const Event data = bench.next(RING_DATA);
    bench.put(clients.back().id, RING_SEND_ARCHIVE, 0, 12 << 20);
    bench.consume_part(data, 1, true);
    bench.poke();
  }
  Client third(bench);
  start_request(bench, third);
  CHECK(bench.next(RING_CLOSED).connection == clients[0].id);
  CHECK(clients[1].peer.take(bench, 12 << 20).size() == 12u << 20);
  CHECK(bench.next(RING_DATA).text == "b");
}

CASE("limit: with sixteen event rows every connection has one OPENED and one CLOSED row") {
  Bench bench;
  bench.config.event_rows = 16;
  bench.config.connections_max = 400;
  bench.start();
  {
    std::vector<harness::Peer> peers;
    for (int n = 0; n < 100; n++) peers.emplace_back(bench);
    while (bench.count(RING_OPENED) < 100) bench.opened();
    for (harness::Peer &peer : peers) peer.send("GET /");
    bench.run_ms(20);
    for (size_t n = 0; n < 50; n++) peers[n].reset();
  }
  while (bench.count(RING_CLOSED) < 100) bench.next(RING_CLOSED);
  for (const Event &event : bench.log)
    if (event.kind == RING_OPENED) CHECK(bench.count(RING_CLOSED, event.connection) == 1);
}

CASE("limit: an idle connection costs at most 512 bytes, tables by connection included") {
  Bench bench;
  bench.config.connections_max = 4000;
  bench.config.event_rows = 1024;
  bench.config.carry_blocks = 4096;
  bench.start();
  bench.add_unix_listener();
  std::vector<harness::Peer> peers;
  const int rounds = 900;
  for (int n = 0; n < rounds; n++) {
    peers.emplace_back(bench);
    bench.opened();
    peers.back().send("GET /");
    bench.consume(bench.next(RING_DATA));
    bench.log.clear();
    bench.rewind();
  }
  bench.poke();
  std::vector<unsigned char> pages(bench.ring->memory_bytes / 4096);
  CHECK(mincore(bench.ring->memory, bench.ring->memory_bytes, pages.data()) == 0);
  size_t resident = 0;
  for (const unsigned char page : pages) resident += page & 1u;
  CHECK(ring_connections(bench.ring) == rounds);
  CHECK(resident * 4096 / rounds + RING_PEER_BYTES <= 512);
}

CASE("limit: 65,535 connections and their spares still have numbers of 16 bits") {
  Bench bench;
  bench.config.connections_max = 65535;
  bench.config.connections_spare = 16;
  bench.start();
  CHECK(bench.ring->slots.total == 65536);
  Client client(bench);
  CHECK(client.id == 1u << 16);
}
