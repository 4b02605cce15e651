// compress.cc: libdeflate and libzstd, one shot each.
#include "compress.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

struct compressor {
  struct libdeflate_compressor *gzip;
  int gzip_level;
  ZSTD_CCtx *zstd;
};

struct compressor *compressor_open(void) {
  return static_cast<struct compressor *>(calloc(1, sizeof(struct compressor)));
}

void compressor_close(struct compressor *compressor) {
  libdeflate_free_compressor(compressor->gzip);
  ZSTD_freeCCtx(compressor->zstd);
  free(compressor);
}

static bool take_gzip(struct compressor *compressor, int level) {
  if (compressor->gzip != nullptr && compressor->gzip_level == level) return true;
  libdeflate_free_compressor(compressor->gzip);
  compressor->gzip = libdeflate_alloc_compressor(level);
  compressor->gzip_level = level;
  return compressor->gzip != nullptr;
}

int64_t compress_gzip(struct compressor *compressor, int level, const uint8_t *input,
                      size_t input_bytes, uint8_t *output, size_t room) {
  if (!take_gzip(compressor, level)) return -ENOMEM;
  return static_cast<int64_t>(
      libdeflate_gzip_compress(compressor->gzip, input, input_bytes, output, room));
}

int64_t compress_zstd(struct compressor *compressor, int level, const uint8_t *input,
                      size_t input_bytes, uint8_t *output, size_t room) {
  if (compressor->zstd == nullptr) compressor->zstd = ZSTD_createCCtx();
  if (compressor->zstd == nullptr) return -ENOMEM;
  const size_t written =
      ZSTD_compressCCtx(compressor->zstd, output, room, input, input_bytes, level);
  if (!ZSTD_isError(written)) return static_cast<int64_t>(written);
  return ZSTD_getErrorCode(written) == ZSTD_error_dstSize_tooSmall ? 0 : -ENOMEM;
}

const char *compress_gzip_library(void) { return "libdeflate " LIBDEFLATE_VERSION_STRING; }

const char *compress_zstd_library(void) { return "libzstd " ZSTD_VERSION_STRING; }
