/* compress.h: bodies compressed in one shot, gzip by libdeflate and zstd by libzstd.
 *
 * The result depends on level, input and library version alone. A compressor keeps its working
 * memory between calls, and belongs to one thread. Portable: no Linux header.
 */
#ifndef CDBSERVE_COMPRESS_H
#define CDBSERVE_COMPRESS_H

#include <stddef.h>
#include <stdint.h>

#define COMPRESS_GZIP_LEVEL_MAX 12
/* Higher ones have windows over 8 MiB, which no client has to take (RFC 9659 section 3). */
#define COMPRESS_ZSTD_LEVEL_MAX 19

struct compressor;

/* NULL: no memory. */
struct compressor *compressor_open(void);
void compressor_close(struct compressor *compressor);

/* Bytes written; 0: `room` is too little, for which the libraries want up to 64 bytes more than the
 * result; -ENOMEM. Levels from 1 to the most above. */
int64_t compress_gzip(struct compressor *compressor, int level, const uint8_t *input,
                      size_t input_bytes, uint8_t *output, size_t room);
/* The frame says how long its content is. */
int64_t compress_zstd(struct compressor *compressor, int level, const uint8_t *input,
                      size_t input_bytes, uint8_t *output, size_t room);

/* Name and version, for whoever keeps results. */
const char *compress_gzip_library(void);
const char *compress_zstd_library(void);

#endif
