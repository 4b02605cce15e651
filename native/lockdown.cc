// lockdown.cc: one loop from a table to libseccomp.
#include "lockdown.h"

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>

static const uint32_t BY_PRIORITY = 1;  // SCMP_FLTATR_CTL_OPTIMIZE

static int configure(scmp_filter_ctx filter) {
  const struct {
    enum scmp_filter_attr attribute;
    uint32_t value;
  } wanted[] = {
      {SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS},
      {SCMP_FLTATR_CTL_NNP, 1},
      {SCMP_FLTATR_CTL_TSYNC, 1},
      {SCMP_FLTATR_CTL_OPTIMIZE, BY_PRIORITY},
      {SCMP_FLTATR_API_SYSRAWRC, 1},
  };
  for (const auto &row : wanted) {
    const int fault = seccomp_attr_set(filter, row.attribute, row.value);
    if (fault != 0) return fault;
  }
  return 0;
}

static struct scmp_arg_cmp comparison_of(const struct lockdown_comparison *from) {
  if (from->mask == 0) return {from->argument, SCMP_CMP_GE, from->value, 0};
  return {from->argument, SCMP_CMP_MASKED_EQ, from->mask, from->value};
}

static int add(scmp_filter_ctx filter, const struct lockdown_rule *rule) {
  struct scmp_arg_cmp comparisons[LOCKDOWN_ARGUMENTS];
  const int number = seccomp_syscall_resolve_name(rule->call);
  if (number == __NR_SCMP_ERROR) return -ENOSYS;
  for (uint32_t at = 0; at < rule->count; at++)
    comparisons[at] = comparison_of(&rule->comparisons[at]);
  const uint32_t action =
      rule->fault == 0 ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(static_cast<uint32_t>(rule->fault));
  return seccomp_rule_add_array(filter, action, number, rule->count, comparisons);
}

// A filter asks for the calls in the order of the table: for a call with several rules its first
// place counts, and is said last.
static int order(scmp_filter_ctx filter, const struct lockdown_rule *rules, uint32_t count) {
  int fault = 0;
  for (uint32_t at = count; at-- > 0 && fault == 0;) {
    const uint32_t before = at < UINT8_MAX ? at : UINT8_MAX;
    const int number = seccomp_syscall_resolve_name(rules[at].call);
    if (number == __NR_SCMP_ERROR) continue;  // add() says so
    fault = seccomp_syscall_priority(filter, number, static_cast<uint8_t>(UINT8_MAX - before));
  }
  return fault;
}

int lockdown_install(const struct lockdown_rule *rules, uint32_t count, const char **step) {
  *step = "seccomp_init";
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
  if (filter == nullptr) return -ENOMEM;
  *step = "seccomp_attr_set";
  int fault = configure(filter);
  if (fault == 0) fault = order(filter, rules, count);
  for (uint32_t at = 0; at < count && fault == 0; at++) {
    *step = rules[at].call;
    fault = add(filter, &rules[at]);
  }
  if (fault == 0) {
    *step = "seccomp";
    fault = seccomp_load(filter);
  }
  seccomp_release(filter);
  return fault;
}

void lockdown_call_name(int32_t number, char *name, uint32_t bytes) {
  char *found = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
  snprintf(name, bytes, "%s", found == nullptr ? "" : found);
  free(found);
}
