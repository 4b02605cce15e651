// ring_note_test.cc: what is noted of an answer stands in the journal, and of what was never sent
// nothing.
#include "../ring_state.h"
#include "harness.h"

using harness::Bench;
using harness::Client;
using harness::Event;

namespace {

const uint32_t RING_BYTES = 1 << 16;

// A bench whose ring notes into memory that the test reads.
struct Noted {
  alignas(8) uint8_t memory[JOURNAL_RING_AT + RING_BYTES] = {};
  struct journal journal = {};
  Bench bench;
  Noted() {
    journal = {page(), memory + JOURNAL_RING_AT, RING_BYTES, 0};
    bench.config.journal = &journal;
    bench.start();
  }
  struct journal_page *page() { return reinterpret_cast<struct journal_page *>(memory); }
  struct journal_record record() {
    struct journal_record head;
    memcpy(&head, memory + JOURNAL_RING_AT, sizeof head);
    return head;
  }
  std::string text(size_t from, size_t bytes) {
    const char *ring = reinterpret_cast<const char *>(memory + JOURNAL_RING_AT);
    return std::string(ring + sizeof(struct journal_record) + from, bytes);
  }
  uint64_t durations() {
    uint64_t sum = 0;
    for (const uint64_t count : page()->durations) sum += count;
    return sum;
  }
};

// An answer with its note, and the request's first `bytes` as a text.
void answer(Bench &bench, const Event &data, uint32_t bytes) {
  bench.put_scratch(data.connection, "answer");
  bench.put(data.connection, RING_NOTE, 500, 6);
  bench.put(data.connection, RING_TEXT, static_cast<uint32_t>(data.offset), bytes);
  bench.put(data.connection, RING_TEXT, static_cast<uint32_t>(data.offset) + 1, 0);
  bench.consume(data);
}

}  // namespace

CASE("note: an answer is a record with its peer, its time and its texts, and is counted") {
  Noted noted;
  Client client(noted.bench);
  client.peer.send("GET /");
  answer(noted.bench, noted.bench.next(RING_DATA), 5);
  noted.bench.poke();
  const struct journal_record record = noted.record();
  CHECK(record.bytes == 64 && record.slot == 500 && record.body_bytes == 6);
  CHECK(record.peer[0] == 4 && record.peer[4] == 127 && record.time_ms > 1600000000000);
  CHECK(record.lengths[0] == 5 && record.lengths[1] == 0 && noted.text(0, 5) == "GET /");
  CHECK(noted.page()->slots[500] == 1 && noted.page()->written == 64);
  CHECK(noted.durations() == 1 && noted.page()->durations[JOURNAL_BUCKETS - 1] == 0);
  CHECK(noted.page()->stats[0] == 1);
}

CASE("note: each of many answers in one turn has its own") {
  Noted noted;
  Client client(noted.bench);
  client.peer.send("abc");
  const Event data = noted.bench.next(RING_DATA);
  for (uint32_t at = 0; at < 3; at++) {
    noted.bench.put_scratch(data.connection, "x");
    noted.bench.put(data.connection, RING_NOTE, at, 1);
    noted.bench.put(data.connection, RING_TEXT, static_cast<uint32_t>(data.offset) + at, 1);
  }
  noted.bench.consume(data);
  noted.bench.poke();
  CHECK(noted.page()->slots[0] == 1 && noted.page()->slots[2] == 1);
  CHECK(noted.page()->written == 3 * 64 && noted.durations() == 3);
}

CASE("note: an answer behind FINISH, or to a connection that is gone, is none") {
  Noted noted;
  Client client(noted.bench);
  client.peer.send("GET /");
  const Event data = noted.bench.next(RING_DATA);
  noted.bench.consume(data);
  noted.bench.finish(data.connection);
  noted.bench.put(data.connection, RING_NOTE, 500, 6);
  noted.bench.poke();
  client.peer.hang_up();
  noted.bench.next(RING_CLOSED);
  noted.bench.put(data.connection, RING_NOTE, 500, 6);
  noted.bench.put(data.connection, RING_TEXT, 0, 1);
  noted.bench.poke();
  CHECK(noted.page()->slots[500] == 0 && noted.page()->written == 0 && noted.durations() == 0);
}

CASE("note: a head that came in pieces took as long as it was under way") {
  Noted noted;
  Client client(noted.bench);
  client.peer.send("GE");
  noted.bench.consume_part(noted.bench.next(RING_DATA), 0);
  noted.bench.run_ms(40);
  client.peer.send("T /");
  answer(noted.bench, noted.bench.next(RING_DATA), 5);
  noted.bench.poke();
  CHECK(noted.durations() == 1 && noted.page()->duration_us >= 35000);
}

CASE("note: without a journal it is nothing") {
  Bench bench;
  bench.start();
  Client client(bench);
  client.peer.send("GET /");
  answer(bench, bench.next(RING_DATA), 5);
  bench.poke();
  CHECK(client.peer.take(bench, 6) == "answer");
}
