/* check.h: cases, checks and guarded memory for the native tests.
 *
 * CASE("what holds") { ... CHECK(condition); } registers itself; run_cases runs all, a line each.
 */
#ifndef CDBSERVE_TEST_CHECK_H
#define CDBSERVE_TEST_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace check {

struct Failed {};

struct Case {
  const char *name;
  void (*run)();
};

inline std::vector<Case> &cases() {
  static std::vector<Case> all;
  return all;
}

struct Registration {
  Registration(const char *name, void (*run)()) { cases().push_back({name, run}); }
};

[[noreturn]] inline void fail(const char *file, int line, const char *condition) {
  printf("  %s:%d: not so: %s\n", file, line, condition);
  throw Failed();
}

// One argument runs the cases whose name holds it.
inline int run_cases(int count, char **arguments) {
  int passed = 0;
  int failed = 0;
  setvbuf(stdout, nullptr, _IOLBF, 0);
  for (const Case &one : cases()) {
    if (count > 1 && strstr(one.name, arguments[1]) == nullptr) continue;
    bool held = true;
    try {
      one.run();
    } catch (const Failed &) {
      held = false;
    }
    printf("%s %s\n", held ? "ok    " : "FAILED", one.name);
    (held ? passed : failed)++;
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

#define CHECK_PASTE(one, other) one##other
#define CHECK_NAME(one, other) CHECK_PASTE(one, other)
#define CASE(name)                                                        \
  static void CHECK_NAME(case_, __LINE__)();                              \
  static const check::Registration CHECK_NAME(registration_, __LINE__)(   \
      name, CHECK_NAME(case_, __LINE__));                                 \
  static void CHECK_NAME(case_, __LINE__)()
#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : check::fail(__FILE__, __LINE__, #condition))

/* Bytes whose last one stands against a page that nobody may touch: an over-read is a crash, not
 * luck. */
class Guarded {
 public:
  explicit Guarded(size_t bytes) : bytes_(bytes) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    room_ = (bytes + page - 1) / page * page + page;
    base_ = static_cast<uint8_t *>(
        mmap(nullptr, room_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    CHECK(base_ != MAP_FAILED);
    CHECK(mprotect(base_ + room_ - page, page, PROT_NONE) == 0);
    data_ = base_ + room_ - page - bytes;
  }
  explicit Guarded(const std::string &text) : Guarded(text.size()) {
    memcpy(data_, text.data(), text.size());
  }
  Guarded(const Guarded &) = delete;
  ~Guarded() { munmap(base_, room_); }

  uint8_t *data() { return data_; }
  size_t size() const { return bytes_; }

 private:
  size_t bytes_, room_;
  uint8_t *base_, *data_;
};

}  // namespace check

#endif
