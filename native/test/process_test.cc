// process_test.cc: threads that have not begun are counted, those at rest are not.
#include "../process.h"

#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

namespace {

struct Steps {
  sem_t taken, to_begin, to_end;
};

/* As the kernel sees a thread before glibc's first call in it, and then after that call. */
void *begin_late(void *argument) {
  auto *steps = static_cast<Steps *>(argument);
  const size_t bytes = 3 * sizeof(void *);
  void *list = nullptr;
  size_t length = 0;
  CHECK(syscall(SYS_get_robust_list, 0, &list, &length) == 0 && length == bytes);
  CHECK(syscall(SYS_set_robust_list, nullptr, bytes) == 0);
  sem_post(&steps->taken);
  sem_wait(&steps->to_begin);
  CHECK(syscall(SYS_set_robust_list, list, bytes) == 0);
  sem_post(&steps->taken);
  sem_wait(&steps->to_end);
  return nullptr;
}

}  // namespace

CASE("process: a thread counts as beginning until its first call, then no more") {
  Steps steps;
  for (sem_t *step : {&steps.taken, &steps.to_begin, &steps.to_end}) sem_init(step, 0, 0);
  CHECK(process_threads_beginning() == 0);
  pthread_t thread;
  CHECK(pthread_create(&thread, nullptr, begin_late, &steps) == 0);
  sem_wait(&steps.taken);
  CHECK(process_threads_beginning() == 1);
  sem_post(&steps.to_begin);
  sem_wait(&steps.taken);
  CHECK(process_threads_beginning() == 0);
  sem_post(&steps.to_end);
  pthread_join(thread, nullptr);
  CHECK(process_threads_beginning() == 0);
}

int main(int count, char **arguments) {
  return check::run_cases(count, arguments);
}
