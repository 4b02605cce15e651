// fuzz_archive.cc: finds and walks in whatever bytes come.
//
// Input: length of the key, the key, the file. The file's last byte touches a page nobody may read,
// since the sanitizer does not see into tinycdb.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../archive.h"
#include "../test/check.h"

static const size_t FILE_BYTES_MAX = 1 << 16;
static volatile uint32_t sink;

static void touch(const uint8_t *file, size_t bytes, const struct archive_record &record) {
  if (static_cast<uint64_t>(record.key_at) + record.key_bytes > bytes) abort();
  if (static_cast<uint64_t>(record.value_at) + record.value_bytes > bytes) abort();
  for (uint32_t at = 0; at < record.key_bytes; at++) sink = sink + file[record.key_at + at];
  for (uint32_t at = 0; at < record.value_bytes; at++) sink = sink + file[record.value_at + at];
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static check::Guarded room(FILE_BYTES_MAX);
  if (size < 1 || size - 1 < data[0]) return 0;
  const uint8_t *key = data + 1;
  const uint32_t key_bytes = data[0];
  const size_t bytes = size - 1 - key_bytes;
  if (bytes > FILE_BYTES_MAX) return 0;
  uint8_t *file = room.data() + room.size() - bytes;
  memcpy(file, key + key_bytes, bytes);
  struct archive_record record;
  const int found = archive_find(file, bytes, key, key_bytes, &record);
  if (found == 1) {
    touch(file, bytes, record);
    if (record.key_bytes != key_bytes || memcmp(file + record.key_at, key, key_bytes) != 0) abort();
  }
  uint32_t position = 0;
  uint32_t last = 0;
  while (archive_next(file, bytes, &position, &record) == 1) {
    touch(file, bytes, record);
    if (position <= last) abort();
    last = position;
  }
  return 0;
}
