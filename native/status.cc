// status.cc: signs of life and last words, by memory alone.
#include "status.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "process.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

static_assert(sizeof(struct status_page) == STATUS_BYTES, "mirrored in src/ops/status.ts");

static struct status_page *page;
static int refused_exit_code;

int status_create(void) {
  const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int memory = memfd_create("status", flags | MFD_NOEXEC_SEAL);
  if (memory < 0 && errno == EINVAL) memory = memfd_create("status", flags);
  if (memory < 0) return -errno;
  if (ftruncate(memory, STATUS_BYTES) == 0 &&
      fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
    return memory;
  const int fault = errno;
  close(memory);
  return -fault;
}

#ifdef __x86_64__
static void read_registers(const ucontext_t *context, struct status_page *to) {
  static const int registers[] = {REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9};
  for (int at = 0; at < STATUS_ARGUMENTS; at++)
    to->arguments[at] = static_cast<uint64_t>(context->uc_mcontext.gregs[registers[at]]);
}
#else
static void read_registers(const ucontext_t *context, struct status_page *to) {
  for (int at = 0; at < STATUS_ARGUMENTS; at++)
    to->arguments[at] = context->uc_mcontext.regs[at];
}
#endif

// After words were left, what follows is abort(3), which is refused as well.
static void refused(int, siginfo_t *info, void *context) {
  if (page->kind != STATUS_SILENT) process_exit(refused_exit_code);
  page->number = info->si_syscall;
  page->instruction = reinterpret_cast<uint64_t>(info->si_call_addr);
  read_registers(static_cast<const ucontext_t *>(context), page);
  page->kind = STATUS_REFUSED;
  process_exit(refused_exit_code);
}

int status_open(int descriptor, int exit_code) {
  void *memory =
      mmap(nullptr, STATUS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) return -errno;
  page = static_cast<struct status_page *>(memory);
  refused_exit_code = exit_code;
  return process_on_refusal(refused);
}

void status_beat(void) {
  if (page != nullptr) page->beats++;
}

static void say_here(const char *const *words, uint32_t count) {
  for (uint32_t at = 0; at < count; at++)
    if (write(STDERR_FILENO, words[at], strlen(words[at])) < 0) return;
}

void status_say(const char *const *words, uint32_t count) {
  if (page == nullptr) return say_here(words, count);
  size_t used = 0;
  for (uint32_t at = 0; at < count; at++) {
    const size_t room = STATUS_WORDS_BYTES - 1 - used;
    const size_t length = strnlen(words[at], room);
    memcpy(page->words + used, words[at], length);
    used += length;
  }
  page->words[used] = '\0';
  page->kind = STATUS_WORDS;
}
