// mapped.cc: mmap(2) of a whole file.
#include "mapped.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

int mapped_open(int descriptor, struct mapped_file *file) {
  struct stat status;
  if (fstat(descriptor, &status) != 0) return -errno;
  file->bytes = static_cast<size_t>(status.st_size);
  void *data = mmap(nullptr, file->bytes, PROT_READ, MAP_SHARED, descriptor, 0);
  if (data == MAP_FAILED) return -errno;
  file->data = static_cast<uint8_t *>(data);
  return 0;
}

void mapped_close(const struct mapped_file *file) {
  munmap(file->data, file->bytes);
}
