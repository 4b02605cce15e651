// sealed_test.cc: copies of files of every kind; what is sealed stays as it is.
#include "../sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "check.h"

namespace {

struct File {
  int descriptor = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  ~File() { close(descriptor); }
  void put(const std::string &text, off_t at) {
    CHECK(pwrite(descriptor, text.data(), text.size(), at) == static_cast<ssize_t>(text.size()));
  }
};

int64_t held_bytes(int descriptor) {
  struct stat status;
  CHECK(fstat(descriptor, &status) == 0);
  return status.st_blocks * 512;
}

}  // namespace

CASE("sealed: a copy has the file's bytes, all seals, and is closed on exec") {
  File file;
  std::string text(3 * 4096 + 5, 'x');
  file.put(text, 0);
  const char *call;
  const int memory = sealed_copy(file.descriptor, &call);
  CHECK(memory >= 0);
  CHECK(fcntl(memory, F_GETFD) & FD_CLOEXEC);
  struct sealed_map map;
  CHECK(sealed_map(memory, &map, &call) == 0);
  CHECK(map.seals == 0x2f || map.seals == 0x0f);
  CHECK(map.bytes == text.size() && memcmp(map.data, text.data(), text.size()) == 0);
  CHECK(write(memory, "x", 1) == -1 && errno == EPERM);
  CHECK(ftruncate(memory, 1) == -1 && errno == EPERM);
  CHECK(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0) == MAP_FAILED);
  CHECK(mprotect(map.data, 4096, PROT_READ | PROT_WRITE) == -1);
  if (map.msealed) CHECK(munmap(map.data, map.bytes) == -1 && errno == EPERM);
  close(memory);
}

CASE("sealed: a hole costs nothing, at either end too") {
  File file;
  file.put("middle", 1 << 30);
  CHECK(ftruncate(file.descriptor, 0xffffffff) == 0);
  const char *call;
  const int memory = sealed_copy(file.descriptor, &call);
  CHECK(memory >= 0);
  CHECK(held_bytes(memory) < 1 << 20);
  struct sealed_map map;
  CHECK(sealed_map(memory, &map, &call) == 0);
  CHECK(map.bytes == 0xffffffff && memcmp(map.data + (1 << 30), "middle", 7) == 0);
  close(memory);
}

CASE("sealed: one byte more than 4 GiB - 1, no file, no seals: refused") {
  File file;
  const char *call;
  struct sealed_map map;
  CHECK(sealed_copy(-1, &call) == -EBADF);
  CHECK(ftruncate(file.descriptor, 1ll << 32) == 0);
  CHECK(sealed_copy(file.descriptor, &call) == -EFBIG);
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(sealed_copy(ends[0], &call) == -EINVAL);
  close(ends[0]);
  close(ends[1]);
  const int open_memory = memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  CHECK(sealed_map(open_memory, &map, &call) == -EPERM);
  close(open_memory);
}

int main(int count, char **arguments) {
  return check::run_cases(count, arguments);
}
