/* archive.h: writes a CDB file through a descriptor, finds and walks records in memory.
 *
 * tinycdb does the work; what it takes on trust is checked here, so that no buffer, however
 * hostile, is read past its end. Format: https://cr.yp.to/cdb/cdb.txt. Portable: no Linux header.
 */
#ifndef CDBSERVE_ARCHIVE_H
#define CDBSERVE_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

/* Offsets into the file, bytes; they and every sum of them lie within it. */
struct archive_record {
  uint32_t key_at, key_bytes;
  uint32_t value_at, value_bytes;
};

/* 1: found; 0: there is none; -EPROTO: the file is not sound. */
int archive_find(const uint8_t *file, uint64_t file_bytes, const uint8_t *key, uint32_t key_bytes,
                 struct archive_record *record);
/* The record at *position (0: the first); moves *position behind it. Answers as archive_find does.
 * */
int archive_next(const uint8_t *file, uint64_t file_bytes, uint32_t *position,
                 struct archive_record *record);

struct archive_writer;

/* Writes at the start of an empty file, open for reading and writing and left open. NULL and errno.
 * */
struct archive_writer *archive_open(int descriptor);
/* Offset of the next record. */
uint32_t archive_position(const struct archive_writer *writer);
/* Absolute offset of the value; -ERANGE when the finished file would not fit 2^32 - 1 bytes, the
 * writer stays good; or another -errno, and every later call gives it again. */
int64_t archive_add(struct archive_writer *writer, const uint8_t *key, uint32_t key_bytes,
                    const uint8_t *value, uint32_t value_bytes);
/* Bytes of records added before, in the file or not yet. 0, -ERANGE when they are not all of
 * records, or another -errno. */
int archive_read(const struct archive_writer *writer, uint32_t position, uint8_t *bytes,
                 uint32_t length);
/* Writes tables and header. 0 or -errno; afterwards the writer can only be closed. */
int archive_finish(struct archive_writer *writer);
void archive_close(struct archive_writer *writer);

#endif
