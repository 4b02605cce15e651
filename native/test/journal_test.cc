// journal_test.cc: a journal written as a worker does, read as the supervisor does: from its file.
#include "../journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "check.h"

namespace {

const uint8_t PEER[JOURNAL_PEER_BYTES] = {4, 0, 0x50, 0, 127, 0, 0, 1};
const uint32_t RING_BYTES = 4096;

uint64_t Number(int descriptor, size_t at) {
  uint64_t number = 0;
  CHECK(pread(descriptor, &number, sizeof number, static_cast<off_t>(at)) == sizeof number);
  return number;
}

void Publish(int descriptor, uint64_t read) {
  const off_t at = offsetof(struct journal_page, read);
  CHECK(pwrite(descriptor, &read, sizeof read, at) == sizeof read);
}

uint64_t Written(int descriptor) {
  return Number(descriptor, offsetof(struct journal_page, written));
}

uint64_t Dropped(int descriptor) {
  return Number(descriptor, offsetof(struct journal_page, dropped));
}

std::string Bytes(int descriptor, uint64_t from, uint64_t bytes) {
  std::string text;
  for (uint64_t at = from; at < from + bytes; at++) {
    char byte = 0;
    const off_t place = static_cast<off_t>(JOURNAL_RING_AT + at % RING_BYTES);
    CHECK(pread(descriptor, &byte, 1, place) == 1);
    text += byte;
  }
  return text;
}

struct journal_note Note(uint32_t slot, const std::string &text) {
  struct journal_note note = {};
  note.slot = slot;
  note.time_ms = 1234567890123;
  note.body_bytes = 17;
  note.peer = PEER;
  note.texts_count = 1;
  note.texts[0] = {reinterpret_cast<const uint8_t *>(text.data()),
                   static_cast<uint16_t>(text.size())};
  return note;
}

struct Open {
  int descriptor;
  struct journal opened;
  struct journal *journal = &opened;
  explicit Open(uint32_t ring_bytes) : descriptor(journal_create(ring_bytes)) {
    CHECK(descriptor >= 0 && journal_open(descriptor, journal) == 0);
  }
  ~Open() { close(descriptor); }
};

CASE("its size is fixed, and a ring is a power of two") {
  Open open(RING_BYTES);
  struct stat facts;
  CHECK(fstat(open.descriptor, &facts) == 0 && facts.st_size == JOURNAL_RING_AT + RING_BYTES);
  CHECK(ftruncate(open.descriptor, 0) != 0 && errno == EPERM);
  CHECK(ftruncate(open.descriptor, 1 << 20) != 0 && errno == EPERM);
  CHECK(journal_create(4095) == -EINVAL);
}

CASE("what is no journal is refused") {
  const int zero = open("/dev/zero", O_RDWR);
  struct journal journal;
  CHECK(journal_open(zero, &journal) == -EINVAL);
  close(zero);
  CHECK(journal_open(-1, &journal) == -EBADF);
}

CASE("without a ring an answer is counted and nothing else") {
  Open open(0);
  const std::string text = "GET / HTTP/1.1";
  const struct journal_note note = Note(505, text);
  journal_add(open.journal, &note);
  journal_add(open.journal, &note);
  CHECK(Number(open.descriptor, 512 + 505 * 8) == 2);
  CHECK(Number(open.descriptor, offsetof(struct journal_page, bytes)) == 34);
  CHECK(Written(open.descriptor) == 0 && Dropped(open.descriptor) == 0);
}

CASE("a record is head, texts and zeros up to a multiple of eight") {
  Open open(RING_BYTES);
  const std::string text = "GET /a HTTP/1.1";
  const struct journal_note note = Note(500, text);
  journal_add(open.journal, &note);
  CHECK(Written(open.descriptor) == 72);
  const std::string bytes = Bytes(open.descriptor, 0, 72);
  struct journal_record head;
  memcpy(&head, bytes.data(), sizeof head);
  CHECK(head.bytes == 72 && head.slot == 500 && head.body_bytes == 17);
  CHECK(head.time_ms == 1234567890123 && memcmp(head.peer, PEER, sizeof PEER) == 0);
  CHECK(head.lengths[0] == text.size() && head.lengths[1] == 0);
  CHECK(bytes.substr(56) == text + '\0');
}

CASE("over the end of the ring it goes on at the beginning") {
  Open open(RING_BYTES);
  uint64_t read = 0;
  for (int round = 0; round < 500; round++) {
    const std::string text(static_cast<size_t>(round % 200), static_cast<char>('a' + round % 26));
    const struct journal_note note = Note(500, text);
    journal_add(open.journal, &note);
    const uint64_t written = Written(open.descriptor);
    CHECK(Bytes(open.descriptor, read + 56, text.size()) == text);
    CHECK(written - read == (56 + text.size() + 7) / 8 * 8);
    Publish(open.descriptor, read = written);
  }
  CHECK(Dropped(open.descriptor) == 0 && read > 4 * RING_BYTES);
}

CASE("where nobody reads, records are dropped whole and counted, and what is there stays") {
  Open open(RING_BYTES);
  const std::string text(8, 'x');
  const struct journal_note note = Note(500, text);
  for (int count = 0; count < 100; count++) journal_add(open.journal, &note);
  CHECK(Written(open.descriptor) == RING_BYTES && Dropped(open.descriptor) == 36);
  CHECK(Number(open.descriptor, 512 + 500 * 8) == 100);
  Publish(open.descriptor, 64);
  journal_add(open.journal, &note);
  journal_add(open.journal, &note);
  CHECK(Written(open.descriptor) == RING_BYTES + 64 && Dropped(open.descriptor) == 37);
}

CASE("a place that was never written costs no more than a dropped record") {
  Open open(RING_BYTES);
  const std::string text = "x";
  const struct journal_note note = Note(500, text);
  for (const uint64_t read : {UINT64_MAX, uint64_t{1} << 40}) {
    Publish(open.descriptor, read);
    journal_add(open.journal, &note);
  }
  CHECK(Written(open.descriptor) + Dropped(open.descriptor) * 64 >= 128);
}

CASE("durations go by powers of four, and the last bucket takes all others") {
  Open open(0);
  const uint64_t times[] = {0, 31, 32, 127, 128, UINT64_MAX};
  for (const uint64_t time : times) journal_took(open.journal, time, 1);
  journal_took(open.journal, 40, 7);
  const size_t at = offsetof(struct journal_page, durations);
  CHECK(Number(open.descriptor, at) == 2 && Number(open.descriptor, at + 8) == 9);
  CHECK(Number(open.descriptor, at + 16) == 1 && Number(open.descriptor, at + 15 * 8) == 1);
}

CASE("counters of the ring are copied") {
  Open open(0);
  const uint64_t stats[] = {1, 2, 3};
  journal_show(open.journal, stats, 3);
  for (size_t at = 0; at < 4; at++)
    CHECK(Number(open.descriptor, 256 + at * 8) == (at < 3 ? at + 1 : 0));
}

}  // namespace

int main(int count, char **arguments) {
  return check::run_cases(count, arguments);
}
