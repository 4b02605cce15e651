// archive.cc: tinycdb behind bounds that hold for hostile files.
#include "archive.h"

#include <cdb.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint32_t HEADER_BYTES = 2048;
static const uint32_t RECORD_HEAD_BYTES = 8;
static const uint64_t FILE_BYTES_MAX = 0xffffffffu;
// A finished file has two slots of 8 bytes for each record.
static const uint64_t SLOTS_BYTES = 16;

// The public fields are what cdb_init would fill in from a descriptor; the first table starts where
// the records end. tinycdb would clamp a bad end, here it is refused.
static bool open_buffer(struct cdb *cdb, const uint8_t *file, uint64_t file_bytes) {
  if (file_bytes < HEADER_BYTES || file_bytes > FILE_BYTES_MAX) return false;
  *cdb = {};
  cdb->cdb_fd = -1;
  cdb->cdb_fsize = static_cast<unsigned>(file_bytes);
  cdb->cdb_mem = file;
  cdb->cdb_dend = cdb_unpack(file);
  return cdb->cdb_dend >= HEADER_BYTES && cdb->cdb_dend <= file_bytes;
}

// cdb_seqnext computes with 32 bits: a key length near 2^32 passes its checks. Here with 64.
static bool take_record(const struct cdb *cdb, struct archive_record *record) {
  const uint64_t key_at = cdb_keypos(cdb);
  const uint64_t value_at = cdb_datapos(cdb);
  if (key_at < HEADER_BYTES + RECORD_HEAD_BYTES) return false;
  if (key_at + cdb_keylen(cdb) != value_at) return false;
  if (value_at + cdb_datalen(cdb) > cdb->cdb_dend) return false;
  *record = {cdb_keypos(cdb), cdb_keylen(cdb), cdb_datapos(cdb), cdb_datalen(cdb)};
  return true;
}

int archive_find(const uint8_t *file, uint64_t file_bytes, const uint8_t *key, uint32_t key_bytes,
                 struct archive_record *record) {
  struct cdb cdb;
  if (!open_buffer(&cdb, file, file_bytes)) return -EPROTO;
  const int found = cdb_find(&cdb, key, key_bytes);
  if (found == 0) return 0;
  return found > 0 && take_record(&cdb, record) ? 1 : -EPROTO;
}

int archive_next(const uint8_t *file, uint64_t file_bytes, uint32_t *position,
                 struct archive_record *record) {
  struct cdb cdb;
  if (!open_buffer(&cdb, file, file_bytes)) return -EPROTO;
  unsigned at = *position == 0 ? HEADER_BYTES : *position;
  if (at == cdb.cdb_dend) return 0;
  if (at < HEADER_BYTES || at > cdb.cdb_dend - RECORD_HEAD_BYTES) return -EPROTO;
  if (cdb_seqnext(&at, &cdb) != 1 || !take_record(&cdb, record)) return -EPROTO;
  *position = at;
  return 1;
}

struct archive_writer {
  struct cdb_make make;
  uint64_t records;
  int fault;
};

// tinycdb would learn of a pipe or a bad descriptor only when its buffer is full.
struct archive_writer *archive_open(int descriptor) {
  if (lseek(descriptor, 0, SEEK_SET) != 0) return nullptr;
  struct archive_writer *writer =
      static_cast<struct archive_writer *>(calloc(1, sizeof(struct archive_writer)));
  if (writer == nullptr) return nullptr;
  if (cdb_make_start(&writer->make, descriptor) == 0) return writer;
  const int fault = errno;
  archive_close(writer);
  errno = fault;
  return nullptr;
}

uint32_t archive_position(const struct archive_writer *writer) {
  return writer->make.cdb_dpos;
}

static int fail(struct archive_writer *writer) {
  writer->fault = errno != 0 ? errno : EIO;
  return -writer->fault;
}

int64_t archive_add(struct archive_writer *writer, const uint8_t *key, uint32_t key_bytes,
                    const uint8_t *value, uint32_t value_bytes) {
  if (writer->fault != 0) return -writer->fault;
  const uint64_t value_at =
      static_cast<uint64_t>(archive_position(writer)) + RECORD_HEAD_BYTES + key_bytes;
  const uint64_t finished_bytes = value_at + value_bytes + (writer->records + 1) * SLOTS_BYTES;
  if (finished_bytes > FILE_BYTES_MAX) return -ERANGE;
  if (cdb_make_add(&writer->make, key, key_bytes, value, value_bytes) != 0) return fail(writer);
  writer->records++;
  return static_cast<int64_t>(value_at);
}

static int read_file(int descriptor, uint32_t position, uint8_t *bytes, uint32_t length) {
  for (uint32_t done = 0; done < length;) {
    const ssize_t taken = pread(descriptor, bytes + done, length - done, position + done);
    if (taken < 0 && errno == EINTR) continue;
    if (taken <= 0) return taken < 0 ? -errno : -EIO;
    done += static_cast<uint32_t>(taken);
  }
  return 0;
}

// tinycdb holds the last bytes back until its buffer is full; the header is in neither place.
int archive_read(const struct archive_writer *writer, uint32_t position, uint8_t *bytes,
                 uint32_t length) {
  const struct cdb_make *make = &writer->make;
  if (writer->fault != 0) return -writer->fault;
  const uint64_t end = static_cast<uint64_t>(position) + length;
  if (position < HEADER_BYTES || end > make->cdb_dpos) return -ERANGE;
  const uint32_t held = static_cast<uint32_t>(make->cdb_bpos - make->cdb_buf);
  const uint32_t written = make->cdb_dpos - held;
  const uint32_t split = position > written ? position : written < end ? written : end;
  const int read = read_file(make->cdb_fd, position, bytes, split - position);
  if (read == 0) memcpy(bytes + (split - position), make->cdb_buf + (split - written), end - split);
  return read;
}

int archive_finish(struct archive_writer *writer) {
  if (writer->fault != 0) return -writer->fault;
  const int made = cdb_make_finish(&writer->make);
  const int fault = errno;
  writer->make.cdb_fd = -1;
  for (cdb_rl *&list : writer->make.cdb_rec) list = nullptr;
  if (made != 0) {
    errno = fault;
    return fail(writer);
  }
  writer->fault = EBADF;
  return 0;
}

// cdb_make_finish alone frees the record lists: with no descriptor it fails, writes nothing and
// frees them.
void archive_close(struct archive_writer *writer) {
  writer->make.cdb_fd = -1;
  if (writer->records > 0 || writer->fault != 0) cdb_make_finish(&writer->make);
  free(writer);
}
