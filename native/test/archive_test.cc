// archive_test.cc: CDB files made, found, walked, cut and bent, flush against a guard page.
#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <random>

#include "../archive.h"
#include "check.h"

using check::Guarded;

namespace {

struct Pair {
  std::string key, value;
};

const uint8_t *bytes_of(const std::string &text) {
  return reinterpret_cast<const uint8_t *>(text.data());
}

uint32_t length_of(const std::string &text) {
  return static_cast<uint32_t>(text.size());
}

int64_t add(struct archive_writer *writer, const Pair &pair) {
  return archive_add(writer, bytes_of(pair.key), length_of(pair.key), bytes_of(pair.value),
                     length_of(pair.value));
}

uint8_t *bytes_at(std::string &text) {
  return reinterpret_cast<uint8_t *>(text.data());
}

int scratch_file() {
  const int file = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  CHECK(file >= 0);
  return file;
}

std::string content(int file) {
  struct stat status;
  CHECK(fstat(file, &status) == 0);
  std::string text(static_cast<size_t>(status.st_size), '\0');
  CHECK(pread(file, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  return text;
}

std::string make(const std::vector<Pair> &pairs) {
  const int file = scratch_file();
  struct archive_writer *writer = archive_open(file);
  CHECK(writer != nullptr);
  for (const Pair &pair : pairs) CHECK(add(writer, pair) > 0);
  CHECK(archive_finish(writer) == 0);
  archive_close(writer);
  const std::string text = content(file);
  close(file);
  return text;
}

std::vector<Pair> some_pairs(int count) {
  std::vector<Pair> pairs;
  for (int n = 0; n < count; n++)
    pairs.push_back({"/" + std::to_string(n), std::string(static_cast<size_t>(n * 7 % 97), 'v')});
  return pairs;
}

int find(Guarded &file, const std::string &key, struct archive_record *record) {
  return archive_find(file.data(), file.size(), bytes_of(key), length_of(key), record);
}

// Reads every byte that an answer names, so that a wrong one meets the guard page or the sanitizer.
uint32_t touch(Guarded &file, const struct archive_record &record) {
  uint32_t sum = 0;
  for (uint32_t at = 0; at < record.key_bytes; at++) sum += file.data()[record.key_at + at];
  for (uint32_t at = 0; at < record.value_bytes; at++) sum += file.data()[record.value_at + at];
  return sum;
}

int walk(Guarded &file, uint32_t *seen) {
  struct archive_record record;
  uint32_t position = 0;
  int found = 0;
  *seen = 0;
  while ((found = archive_next(file.data(), file.size(), &position, &record)) == 1) {
    touch(file, record);
    (*seen)++;
  }
  return found;
}

}  // namespace

CASE("archive: every key is found where add said, and holds its value") {
  const std::vector<Pair> pairs = some_pairs(500);
  const int descriptor = scratch_file();
  struct archive_writer *writer = archive_open(descriptor);
  std::vector<int64_t> places;
  for (const Pair &pair : pairs) {
    const uint32_t start = archive_position(writer);
    places.push_back(add(writer, pair));
    CHECK(places.back() == start + 8 + length_of(pair.key));
  }
  CHECK(archive_finish(writer) == 0);
  archive_close(writer);
  Guarded file(content(descriptor));
  close(descriptor);
  for (size_t at = 0; at < pairs.size(); at++) {
    struct archive_record record;
    CHECK(find(file, pairs[at].key, &record) == 1);
    CHECK(record.value_at == places[at] && record.value_bytes == pairs[at].value.size());
    CHECK(memcmp(file.data() + record.value_at, pairs[at].value.data(), record.value_bytes) == 0);
  }
}

CASE("archive: a walk sees every record in order and then the end") {
  Guarded file(make(some_pairs(300)));
  uint32_t seen;
  CHECK(walk(file, &seen) == 0 && seen == 300);
}

CASE("archive: keys that are not there are not found, the empty and the huge one too") {
  Guarded file(make(some_pairs(10)));
  struct archive_record record;
  CHECK(find(file, "/10", &record) == 0);
  CHECK(find(file, "", &record) == 0);
  CHECK(find(file, std::string(file.size() * 2, 'k'), &record) == 0);
}

CASE("archive: a file cut at any byte is refused or answers within itself") {
  const std::vector<Pair> pairs = some_pairs(12);
  const std::string whole = make(pairs);
  for (size_t length = 0; length < whole.size(); length++) {
    Guarded file(whole.substr(0, length));
    struct archive_record record;
    uint32_t seen;
    const int walked = walk(file, &seen);
    CHECK(length < 2048 ? walked == -EPROTO : walked <= 0);
    for (const Pair &pair : pairs)
      if (find(file, pair.key, &record) == 1) touch(file, record);
  }
}

CASE("archive: a key length that wraps past 2^32 is refused") {
  std::string whole = make(some_pairs(2));
  memset(whole.data() + 2048, 0xff, 4);
  memset(whole.data() + 2052, 0, 4);
  Guarded file(whole);
  uint32_t seen;
  CHECK(walk(file, &seen) == -EPROTO && seen == 0);
}

CASE("archive: an end of records before the header or past the file is refused") {
  std::string whole = make(some_pairs(2));
  for (const uint32_t end : {0u, 8u, 2047u, length_of(whole) + 1, 0xffffffffu}) {
    unsigned char packed[4];
    cdb_pack(end, packed);
    memcpy(whole.data(), packed, sizeof packed);
    Guarded file(whole);
    struct archive_record record;
    uint32_t seen;
    CHECK(walk(file, &seen) == -EPROTO);
    CHECK(find(file, "/1", &record) == -EPROTO);
  }
}

CASE("archive: 20,000 files with random bytes changed never lead outside") {
  const std::vector<Pair> pairs = some_pairs(8);
  const std::string whole = make(pairs);
  Guarded file(whole);
  std::mt19937 random(20240607);
  for (int round = 0; round < 20000; round++) {
    memcpy(file.data(), whole.data(), whole.size());
    for (int change = 0; change < 4; change++)
      file.data()[random() % whole.size()] = static_cast<uint8_t>(random());
    // Where it hurts: a record head or the table that holds a key.
    file.data()[2048 + random() % (whole.size() - 2048)] = random() % 2 ? 0xff : 0;
    uint32_t seen;
    struct archive_record record;
    walk(file, &seen);
    for (const Pair &pair : pairs)
      if (find(file, pair.key, &record) == 1) touch(file, record);
  }
}

CASE("archive: past 4 GiB is ERANGE and the writer stays good") {
  const int descriptor = scratch_file();
  struct archive_writer *writer = archive_open(descriptor);
  const std::string key = "/huge";
  CHECK(archive_add(writer, bytes_of(key), length_of(key), nullptr, 0xffffffffu - 2048) == -ERANGE);
  CHECK(add(writer, {"/a", "alpha"}) == 2048 + 8 + 2);
  CHECK(archive_finish(writer) == 0);
  CHECK(archive_finish(writer) == -EBADF);
  archive_close(writer);
  close(descriptor);
}

CASE("archive: what was added is read back, held or in the file, and nothing else") {
  const int descriptor = scratch_file();
  struct archive_writer *writer = archive_open(descriptor);
  uint8_t byte;
  CHECK(archive_read(writer, 2048, &byte, 0) == 0);
  CHECK(archive_read(writer, 2048, &byte, 1) == -ERANGE);
  CHECK(archive_read(writer, 0, &byte, 1) == -ERANGE);
  std::string all(2048, '\0');
  for (const uint32_t length : {3u, 2000u, 100u, 5000u, 1u, 4096u, 70000u}) {
    const Pair pair = {"/" + std::to_string(length), std::string(length, 'a' + length % 26)};
    const uint32_t sizes[2] = {length_of(pair.key), length_of(pair.value)};
    CHECK(add(writer, pair) > 0);
    all.append(reinterpret_cast<const char *>(sizes), sizeof sizes).append(pair.key + pair.value);
    CHECK(archive_position(writer) == all.size());
    for (uint32_t at = 2048; at < all.size(); at += 17) {
      const uint32_t wanted = std::min(6000u, length_of(all) - at);
      std::string found(wanted, '\0');
      CHECK(archive_read(writer, at, bytes_at(found), wanted) == 0);
      CHECK(found == all.substr(at, wanted));
    }
    CHECK(archive_read(writer, length_of(all), &byte, 1) == -ERANGE);
    CHECK(archive_read(writer, 0xffffffffu, &byte, 0xffffffffu) == -ERANGE);
  }
  CHECK(archive_finish(writer) == 0);
  CHECK(archive_read(writer, 2048, &byte, 1) == -EBADF);
  archive_close(writer);
  close(descriptor);
}

CASE("archive: a file cut while it is written is EIO when read back") {
  const int descriptor = scratch_file();
  struct archive_writer *writer = archive_open(descriptor);
  CHECK(add(writer, {"/a", std::string(100000, 'v')}) > 0);
  CHECK(ftruncate(descriptor, 3000) == 0);
  uint8_t bytes[2000];
  CHECK(archive_read(writer, 2048, bytes, sizeof bytes) == -EIO);
  archive_close(writer);
  close(descriptor);
}

CASE("archive: a writer never finished gives its memory back and leaves the file alone") {
  const int descriptor = scratch_file();
  struct archive_writer *writer = archive_open(descriptor);
  for (const Pair &pair : some_pairs(2000)) CHECK(add(writer, pair) > 0);
  const std::string before = content(descriptor);
  archive_close(writer);
  CHECK(content(descriptor) == before);
  close(descriptor);
}

CASE("archive: a refused write is told by every later call") {
  const int descriptor = open("/dev/full", O_RDWR | O_CLOEXEC);
  CHECK(descriptor >= 0);
  struct archive_writer *writer = archive_open(descriptor);
  if (writer != nullptr) {
    CHECK(add(writer, {"/a", std::string(100000, 'v')}) == -ENOSPC);
    CHECK(add(writer, {"/b", "v"}) == -ENOSPC);
    CHECK(archive_finish(writer) == -ENOSPC);
    archive_close(writer);
  }
  close(descriptor);
  CHECK(archive_open(-1) == nullptr && errno == EBADF);
}

int main(int count, char **arguments) {
  return check::run_cases(count, arguments);
}
