// refusal.cc: a handler of SIGSYS that needs neither memory nor locks.
#include "refusal.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lockdown.h"
#include "process.h"

enum { CALLS = 512, NAME_BYTES = 32, NUMBER_BYTES = 64 };

// Looked up beforehand: libseccomp allocates, and the refused call may be malloc's own.
static char names[CALLS][NAME_BYTES];
static char texts[2][REFUSAL_TEXT_BYTES];
static int refused_exit_code;

// A reader who is gone changes nothing: the end is the message then.
static void say(const char *text) {
  const ssize_t written = write(STDERR_FILENO, text, strlen(text));
  static_cast<void>(written);
}

// snprintf of integers alone takes no lock and no memory.
static void refused(int, siginfo_t *info, void *) {
  char number[NUMBER_BYTES];
  const int call = info->si_syscall;
  snprintf(number, sizeof number, " (%d) at 0x%llx", call,
           static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(info->si_call_addr)));
  say(texts[0]);
  say(call >= 0 && call < CALLS ? names[call] : "");
  say(number);
  say(texts[1]);
  process_exit(refused_exit_code);
}

int refusal_tell(const char *before, const char *after, int exit_code) {
  for (int call = 0; call < CALLS; call++) lockdown_call_name(call, names[call], NAME_BYTES);
  snprintf(texts[0], REFUSAL_TEXT_BYTES, "%s", before);
  snprintf(texts[1], REFUSAL_TEXT_BYTES, "%s", after);
  refused_exit_code = exit_code;
  return process_on_refusal(refused);
}
