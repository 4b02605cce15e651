// sealed.cc: copy, seal, read back, map.
#include "sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020
#endif
#ifndef SYS_mseal
#define SYS_mseal 462
#endif

static const int64_t FILE_BYTES_MAX = 0xffffffff;
static const int SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

static int create(int *seals) {
  const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  *seals = SEALS | F_SEAL_EXEC;
  int memory = memfd_create("archive", flags | MFD_NOEXEC_SEAL);
  if (memory >= 0 || errno != EINVAL) return memory;
  *seals = SEALS;
  return memfd_create("archive", flags);
}

static int copy_extent(int source, int target, off_t from, off_t to) {
  if (lseek(target, from, SEEK_SET) != from) return -errno;
  while (from < to) {
    const ssize_t copied = sendfile(target, source, &from, static_cast<size_t>(to - from));
    if (copied == 0) return -EAGAIN;
    if (copied < 0 && errno != EINTR) return -errno;
  }
  return 0;
}

// Holes are left out, so that a sparse file costs what it holds.
static int copy_data(int source, int target, off_t bytes) {
  off_t at = 0;
  while (at < bytes) {
    const off_t data = lseek(source, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) return 0;
    if (data < 0) return copy_extent(source, target, at, bytes);
    const off_t hole = lseek(source, data, SEEK_HOLE);
    if (hole < 0) return -errno;
    const off_t end = hole < bytes ? hole : bytes;
    const int copied = data < end ? copy_extent(source, target, data, end) : 0;
    if (copied != 0) return copied;
    at = hole;
  }
  return 0;
}

static bool same_file(const struct stat *one, const struct stat *other) {
  return one->st_size == other->st_size && one->st_mtim.tv_sec == other->st_mtim.tv_sec &&
         one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

static int fill(int source, int memory, const char **call) {
  struct stat before;
  struct stat after;
  *call = "fstat";
  if (fstat(source, &before) != 0) return -errno;
  if (!S_ISREG(before.st_mode)) return -EINVAL;
  if (before.st_size > FILE_BYTES_MAX) return -EFBIG;
  *call = "ftruncate";
  if (ftruncate(memory, before.st_size) != 0) return -errno;
  *call = "sendfile";
  const int copied = copy_data(source, memory, before.st_size);
  if (copied != 0) return copied;
  *call = "fstat";
  if (fstat(source, &after) != 0) return -errno;
  return same_file(&before, &after) ? 0 : -EAGAIN;
}

static int seal(int memory, int seals, const char **call) {
  *call = "fcntl";
  if (fcntl(memory, F_ADD_SEALS, SEALS) != 0) return -errno;
  return fcntl(memory, F_GET_SEALS) == seals ? 0 : -EPERM;
}

int sealed_copy(int descriptor, const char **call) {
  int seals;
  *call = "memfd_create";
  const int memory = create(&seals);
  if (memory < 0) return -errno;
  int fault = fill(descriptor, memory, call);
  if (fault == 0) fault = seal(memory, seals, call);
  if (fault == 0) return memory;
  close(memory);
  return fault;
}

int sealed_read(int descriptor) {
  const int seals = fcntl(descriptor, F_GET_SEALS);
  return seals < 0 ? -errno : seals;
}

int sealed_map(int descriptor, struct sealed_map *map, const char **call) {
  struct stat status;
  *call = "fcntl";
  map->seals = sealed_read(descriptor);
  if (map->seals < 0) return map->seals;
  if ((map->seals & SEALS) != SEALS) return -EPERM;
  *call = "fstat";
  if (fstat(descriptor, &status) != 0) return -errno;
  map->bytes = static_cast<size_t>(status.st_size);
  *call = "mmap";
  void *data = mmap(nullptr, map->bytes, PROT_READ, MAP_SHARED, descriptor, 0);
  if (data == MAP_FAILED) return -errno;
  map->data = static_cast<uint8_t *>(data);
  map->msealed = syscall(SYS_mseal, data, map->bytes, 0UL) == 0;
  return 0;
}
