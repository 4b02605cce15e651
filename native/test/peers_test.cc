// peers_test.cc: who is trusted, how many connections an address may have, and what chosen
// addresses cost.
#include "../peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>

#include <algorithm>

#include "harness.h"

using harness::Bench;
using harness::Client;
using harness::Event;
using harness::Peer;

namespace {

struct Table {
  explicit Table(uint32_t total) : addresses(total), buckets(peer_buckets(total)) {
    table.addresses = addresses.data();
    table.buckets = buckets.data();
    table.total = total;
    table.seed[0] = 0x0123456789abcdef;
    table.seed[1] = 0xfedcba9876543210;
  }

  uint32_t longest_chain() const {
    uint32_t longest = 0;
    for (uint32_t number : buckets) {
      uint32_t length = 0;
      for (; number != 0; number = addresses[number - 1].next) length++;
      longest = std::max(longest, length);
    }
    return longest;
  }

  struct peer_table table = {};
  std::vector<struct peer_address> addresses;
  std::vector<uint32_t> buckets;
};

struct Row {
  explicit Row(const char *text, const std::vector<uint8_t> &trusted = {}) {
    struct ring_config config = {};
    config.trusted = trusted.data();
    config.trusted_count = static_cast<uint32_t>(trusted.size() / RING_NETWORK_BYTES);
    struct sockaddr_storage address = {};
    struct sockaddr_in *v4 = reinterpret_cast<struct sockaddr_in *>(&address);
    struct sockaddr_in6 *v6 = reinterpret_cast<struct sockaddr_in6 *>(&address);
    address.ss_family = AF_UNIX;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
      address.ss_family = AF_INET;
    } else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
      address.ss_family = AF_INET6;
    }
    peer_write(&config, bytes, &address);
  }

  bool trusted() const { return bytes[RING_PEER_TRUSTED] == 1; }

  uint8_t bytes[RING_PEER_BYTES];
};

std::vector<uint8_t> network(uint8_t family, uint8_t bits, const char *text = nullptr) {
  std::vector<uint8_t> row(RING_NETWORK_BYTES);
  row[0] = family;
  row[1] = bits;
  if (text != nullptr) CHECK(inet_pton(family == 4 ? AF_INET : AF_INET6, text, &row[2]) == 1);
  return row;
}

uint32_t enter_row(Table &table, const uint8_t *row, uint32_t most) {
  table.table.most = most;
  return peer_enter(&table.table, row);
}

uint32_t enter(Table &table, const char *text, uint32_t most) {
  return enter_row(table, Row(text).bytes, most);
}

/* Of 127.0.0.2, so many at most, beside whoever comes from 127.0.0.1. */
struct Crowd {
  explicit Crowd(uint32_t most) {
    bench.config.connections_per_address = most;
    bench.start();
  }
  Peer knock() { return Peer(bench, 0, "127.0.0.2"); }
  void admit(uint32_t count) {
    while (clients.size() < count) clients.emplace_back(bench, 0, "127.0.0.2");
  }
  Event refused() {
    const Event event = bench.next(RING_REFUSED);
    bench.put_scratch(event.connection, "503");
    bench.finish(event.connection);
    return event;
  }
  uint64_t counted() const { return ring_stats(bench.ring)->refused_address; }

  Bench bench;
  std::vector<Client> clients;
};

}  // namespace

CASE("peers: an address has as many connections as it may, and again when one is gone") {
  Table table(16);
  const uint32_t number = enter(table, "192.0.2.1", 3);
  CHECK(number != 0 && enter(table, "192.0.2.1", 3) == number);
  CHECK(enter(table, "192.0.2.1", 3) == number);
  CHECK(enter(table, "192.0.2.1", 3) == PEER_OVER);
  CHECK(enter(table, "192.0.2.2", 3) != PEER_OVER);
  peer_leave(&table.table, number);
  CHECK(enter(table, "192.0.2.1", 3) == number);
  CHECK(enter(table, "192.0.2.1", 3) == PEER_OVER);
}

CASE("peers: IPv4 counts whole, IPv6 by its first 64 bits, a mapped one as IPv4") {
  Table table(16);
  const uint32_t four = enter(table, "192.0.2.1", 9);
  CHECK(enter(table, "::ffff:192.0.2.1", 9) == four);
  CHECK(enter(table, "192.0.2.0", 9) != four);
  const uint32_t six = enter(table, "2001:db8:1:2::1", 9);
  CHECK(enter(table, "2001:db8:1:2:ffff:ffff:ffff:ffff", 9) == six);
  CHECK(enter(table, "2001:db8:1:3::1", 9) != six);
  CHECK(enter(table, "c000:201::", 9) != four);
  CHECK(enter(table, "a unix socket", 1) == 0 && enter(table, "a unix socket", 1) == 0);
  CHECK(enter(table, "192.0.2.1", 0) == 0);
}

CASE("peers: chosen addresses, all there can be, share no bucket and are found in a few steps") {
  Table table(65536);
  std::vector<uint32_t> numbers;
  uint8_t row[RING_PEER_BYTES] = {6};
  for (uint32_t n = 0; n < 65535; n++) {
    row[4] = static_cast<uint8_t>(n >> 8);
    row[5] = static_cast<uint8_t>(n);
    numbers.push_back(enter_row(table, row, 1));
    CHECK(numbers.back() == n + 1);
  }
  CHECK(table.longest_chain() <= 16);
  row[6] = 1;
  CHECK(enter_row(table, row, 1) == 0);  // no entry is left: not counted, nothing breaks
  for (const uint32_t number : numbers) peer_leave(&table.table, number);
  CHECK(table.longest_chain() == 0);
  CHECK(enter_row(table, row, 1) == 65535);
}

CASE("peers: nobody knows the seed") {
  struct peer_table one = {}, other = {};
  CHECK(peer_seed(&one) && peer_seed(&other));
  CHECK(one.seed[0] != other.seed[0] && one.seed[1] != other.seed[1]);
}

CASE("peers: another seed puts addresses elsewhere") {
  Table one(1024), other(1024);
  other.table.seed[1]++;
  for (uint8_t n = 0; n < 100; n++) {
    const std::string text = "192.0.2." + std::to_string(n);
    CHECK(enter(one, text.c_str(), 1) == enter(other, text.c_str(), 1));
  }
  CHECK(one.buckets != other.buckets);
}

CASE("peers: networks trust whom they hold, to the bit, and nobody else") {
  const std::vector<uint8_t> ten = network(4, 8, "10.0.0.0");
  CHECK(Row("10.255.0.1", ten).trusted() && Row("::ffff:10.0.0.1", ten).trusted());
  CHECK(!Row("11.0.0.1", ten).trusted() && !Row("a00::", ten).trusted());
  const std::vector<uint8_t> some = network(4, 29, "192.0.2.8");
  CHECK(Row("192.0.2.8", some).trusted() && Row("192.0.2.15", some).trusted());
  CHECK(!Row("192.0.2.7", some).trusted() && !Row("192.0.2.16", some).trusted());
  const std::vector<uint8_t> one = network(6, 128, "2001:db8::1");
  CHECK(Row("2001:db8::1", one).trusted() && !Row("2001:db8::2", one).trusted());
  const std::vector<uint8_t> wide = network(6, 33, "2001:db8:8000::");
  CHECK(Row("2001:db8:ffff::", wide).trusted() && !Row("2001:db8:7fff::", wide).trusted());
  CHECK(Row("203.0.113.1", network(4, 0, "0.0.0.0")).trusted());
  CHECK(!Row("2001:db8::1", network(4, 0, "0.0.0.0")).trusted());
  CHECK(Row("a unix socket", network(1, 0)).trusted());
  CHECK(!Row("127.0.0.1", network(1, 0)).trusted());
  CHECK(!Row("127.0.0.1").trusted() && !Row("a unix socket").trusted());
}

CASE("peers: trusted ones are not counted") {
  const std::vector<uint8_t> trusted = network(4, 32, "192.0.2.1");
  Table table(16);
  CHECK(enter_row(table, Row("192.0.2.1", trusted).bytes, 1) == 0);
  CHECK(enter_row(table, Row("192.0.2.1", trusted).bytes, 1) == 0);
}

CASE("address: below its limit and at it an address is served; one more is refused") {
  Crowd crowd(3);
  crowd.admit(3);
  Peer more = crowd.knock();
  const uint32_t id = crowd.refused().connection;
  CHECK(more.take_all(crowd.bench) == "503" && more.end == harness::End::closed);
  CHECK(crowd.bench.count(RING_OPENED) == 3 && crowd.counted() == 1);
  CHECK(crowd.bench.count(RING_OPENED, id) == 0);
  Client other(crowd.bench);
  crowd.clients.pop_back();
  crowd.bench.next(RING_HALF_CLOSED);
  crowd.bench.finish(crowd.bench.log.back().connection);
  crowd.admit(3);
  CHECK(crowd.counted() == 1 && ring_stats(crowd.bench.ring)->refused == 0);
}

CASE("address: who hung up before the next one came is not counted, though not read to its end") {
  Crowd crowd(1);
  for (int round = 0; round < 20; round++) {
    Peer first = crowd.knock();
    const uint32_t id = crowd.bench.opened().connection;
    first.hang_up();
    Peer second = crowd.knock();
    crowd.bench.next(RING_HALF_CLOSED);
    crowd.bench.finish(id);
    const uint32_t next = crowd.bench.opened().connection;
    second.reset();
    while (crowd.bench.count(RING_CLOSED, next) == 0) crowd.bench.next(RING_CLOSED);
    crowd.bench.log.clear();
    crowd.bench.rewind();
  }
  CHECK(crowd.counted() == 0);
}

CASE("address: what waits to be judged is not lost, whatever it sends or does meanwhile") {
  Crowd crowd(1);
  crowd.admit(1);
  Peer talking = crowd.knock(), gone = crowd.knock();
  talking.send("GET /");
  gone.reset();
  crowd.refused();
  crowd.refused();
  CHECK(talking.take_all(crowd.bench) == "503");
  crowd.clients.clear();
  crowd.bench.next(RING_HALF_CLOSED);
  crowd.bench.finish(crowd.bench.log.back().connection);
  crowd.admit(1);
  CHECK(ring_connections(crowd.bench.ring) <= 2);
}

CASE("address: who waits to be judged when a drain is over is told neither to open nor to close") {
  Crowd crowd(1);
  crowd.admit(1);
  crowd.bench.poke();
  Peer more = crowd.knock();
  poll(nullptr, 0, 20);
  crowd.bench.turn();
  CHECK(ring_connections(crowd.bench.ring) == 2 && crowd.bench.count(RING_REFUSED) == 0);
  ring_drain(crowd.bench.ring, 0);
  crowd.bench.poke();
  crowd.bench.next(RING_DRAINED);
  const int told = crowd.bench.count(RING_OPENED) + crowd.bench.count(RING_REFUSED);
  CHECK(crowd.bench.count(RING_CLOSED) == told);
}

CASE("address: refused ones that linger make room for others, and for each other") {
  Bench bench;
  bench.config.connections_per_address = 1;
  bench.config.connections_max = 4;
  bench.config.connections_spare = 2;
  bench.start();
  Client served(bench, 0, "127.0.0.2");
  std::vector<Peer> refused;
  for (int n = 0; n < 20; n++) {
    refused.emplace_back(bench, 0, "127.0.0.2");
    const uint32_t id = bench.next(RING_REFUSED).connection;
    bench.finish(id);
    bench.poke();
    CHECK(ring_connections(bench.ring) <= 5);
  }
  std::vector<Client> honest;
  for (const char *source : {"127.0.0.3", "127.0.0.4", "127.0.0.5"})
    honest.emplace_back(bench, 0, source);
  CHECK(ring_stats(bench.ring)->refused == 0 && bench.count(RING_CLOSED, served.id) == 0);
}

CASE("address: of trusted peers and of unix sockets there is no limit") {
  const std::vector<uint8_t> loopback = network(4, 8, "127.0.0.0");
  Bench bench;
  bench.config.connections_per_address = 1;
  bench.config.trusted = loopback.data();
  bench.config.trusted_count = 1;
  bench.start();
  std::vector<Client> clients;
  for (int n = 0; n < 5; n++) clients.emplace_back(bench);
  CHECK(bench.peers->data()[(clients[0].id & 0xffff) * RING_PEER_BYTES + RING_PEER_TRUSTED] == 1);
  bench.add_unix_listener();
  for (int n = 0; n < 5; n++) clients.emplace_back(bench);
  CHECK(ring_stats(bench.ring)->refused_address == 0);
}
