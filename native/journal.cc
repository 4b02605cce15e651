// journal.cc: counters and records, by memory alone.
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

static_assert(sizeof(struct journal_page) <= JOURNAL_RING_AT, "mirrored in src/ops/journal.ts");
static_assert(offsetof(struct journal_page, durations) == 32, "mirrored in src/ops/counters.ts");
static_assert(offsetof(struct journal_page, stats) == 256, "mirrored in src/ops/counters.ts");
static_assert(offsetof(struct journal_page, slots) == 512, "mirrored in src/ops/counters.ts");
static_assert(offsetof(struct journal_page, read) == 20576, "mirrored in src/boot/orders.ts");
static_assert(offsetof(struct journal_record, peer) == 24, "mirrored in src/ops/journal.ts");
static_assert(offsetof(struct journal_record, lengths) == 44, "mirrored in src/ops/journal.ts");
static_assert(sizeof(struct journal_record) == 56, "mirrored in src/ops/journal.ts");

static const uint64_t ALIGNMENT = 8;
static const int BUCKET_LEAST_BITS = 5;

int journal_create(uint32_t ring_bytes) {
  if ((ring_bytes & (ring_bytes - 1)) != 0) return -EINVAL;
  const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int memory = memfd_create("journal", flags | MFD_NOEXEC_SEAL);
  if (memory < 0 && errno == EINVAL) memory = memfd_create("journal", flags);
  if (memory < 0) return -errno;
  const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  const off_t bytes = static_cast<off_t>(JOURNAL_RING_AT) + ring_bytes;
  if (ftruncate(memory, bytes) == 0 && fcntl(memory, F_ADD_SEALS, seals) == 0) return memory;
  const int fault = errno;
  close(memory);
  return -fault;
}

int journal_open(int descriptor, struct journal *journal) {
  struct stat facts;
  if (fstat(descriptor, &facts) != 0) return -errno;
  const uint64_t bytes = static_cast<uint64_t>(facts.st_size);
  const uint64_t ring_bytes = bytes - JOURNAL_RING_AT;
  if (bytes < JOURNAL_RING_AT || (ring_bytes & (ring_bytes - 1)) != 0) return -EINVAL;
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) return -errno;
  uint8_t *ring = static_cast<uint8_t *>(memory) + JOURNAL_RING_AT;
  *journal = {static_cast<struct journal_page *>(memory), ring, ring_bytes, 0};
  return 0;
}

// Over the end of the ring to its beginning, where need be.
static void put(struct journal *journal, uint64_t *at, const void *data, uint64_t bytes) {
  const uint64_t place = *at & (journal->ring_bytes - 1);
  const uint64_t room = journal->ring_bytes - place;
  const uint64_t first = bytes < room ? bytes : room;
  memcpy(journal->ring + place, data, first);
  memcpy(journal->ring, static_cast<const uint8_t *>(data) + first, bytes - first);
  *at += bytes;
}

static void record(struct journal *journal, const struct journal_note *note) {
  static const uint8_t zeros[ALIGNMENT] = {};
  struct journal_record head = {};
  uint64_t bytes = sizeof head;
  for (uint32_t text = 0; text < note->texts_count; text++) {
    head.lengths[text] = note->texts[text].bytes;
    bytes += note->texts[text].bytes;
  }
  const uint64_t whole = (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
  const uint64_t read = __atomic_load_n(&journal->page->read, __ATOMIC_ACQUIRE);
  if (journal->written - read + whole > journal->ring_bytes) {
    journal->page->dropped++;
    return;
  }
  head.bytes = static_cast<uint32_t>(whole);
  head.slot = note->slot;
  head.time_ms = note->time_ms;
  head.body_bytes = note->body_bytes;
  memcpy(head.peer, note->peer, JOURNAL_PEER_BYTES);
  uint64_t at = journal->written;
  put(journal, &at, &head, sizeof head);
  for (uint32_t text = 0; text < note->texts_count; text++)
    put(journal, &at, note->texts[text].data, note->texts[text].bytes);
  put(journal, &at, zeros, whole - bytes);
  journal->written = at;
  __atomic_store_n(&journal->page->written, at, __ATOMIC_RELEASE);
}

void journal_add(struct journal *journal, const struct journal_note *note) {
  struct journal_page *page = journal->page;
  page->slots[note->slot]++;
  page->bytes += note->body_bytes;
  if (journal->ring_bytes > 0) record(journal, note);
}

void journal_took(struct journal *journal, uint64_t microseconds, uint32_t answers) {
  struct journal_page *page = journal->page;
  int bucket = 0;
  while (bucket < JOURNAL_BUCKETS - 1 && microseconds >> (2 * bucket + BUCKET_LEAST_BITS) != 0)
    bucket++;
  page->durations[bucket] += answers;
  page->duration_us += microseconds * answers;
}

void journal_show(struct journal *journal, const uint64_t *stats, uint32_t count) {
  memcpy(journal->page->stats, stats, count * sizeof *stats);
}
