// plan.c: strict reading of the arguments: no default, no coercion.
#include "plan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "descriptors.h"

enum {
  ARGUMENT_MODE = 1,
  ARGUMENT_UID,
  ARGUMENT_GID,
  ARGUMENT_DESCRIPTORS,
  ARGUMENT_DATA,
  ARGUMENT_INHERITED,
  ARGUMENT_FILES
};

static bool read_mode(const char *text, enum mode *mode) {
  static const char *const names[] = {"off", "auto", "require"};
  for (int i = 0; i < 3; i++) {
    if (strcmp(text, names[i]) != 0) continue;
    *mode = (enum mode)i;
    return true;
  }
  return false;
}

static bool read_number(const char *text, unsigned long *number) {
  *number = 0;
  if (*text == '\0') return false;
  for (const char *at = text; *at != '\0'; at++) {
    if (*at < '0' || *at > '9') return false;
    *number = *number * 10 + (unsigned long)(*at - '0');
    if (*number >= UINT32_MAX) return false;
  }
  return true;
}

static bool read_lists(struct plan *plan, int count, char **arguments) {
  plan->files = arguments + ARGUMENT_FILES;
  int at = ARGUMENT_FILES;
  while (at < count && strcmp(arguments[at], "--") != 0) {
    if (arguments[at][0] != '/') return false;
    at++;
  }
  plan->files_count = at - ARGUMENT_FILES;
  plan->command = arguments + at + 1;
  plan->command_count = count - at - 1;
  return plan->files_count <= PLAN_FILES_MAX && plan->command_count > 0 &&
         plan->command[0][0] == '/';
}

bool plan_read(struct plan *plan, int count, char **arguments) {
  unsigned long uid;
  unsigned long gid;
  unsigned long inherited;
  if (count <= ARGUMENT_FILES) return false;
  if (!read_mode(arguments[ARGUMENT_MODE], &plan->mode)) return false;
  if (!read_number(arguments[ARGUMENT_UID], &uid)) return false;
  if (!read_number(arguments[ARGUMENT_GID], &gid)) return false;
  if (!read_number(arguments[ARGUMENT_DESCRIPTORS], &plan->descriptors)) return false;
  if (!read_number(arguments[ARGUMENT_DATA], &plan->data_bytes)) return false;
  if (!read_number(arguments[ARGUMENT_INHERITED], &inherited)) return false;
  if (inherited == 0 || inherited > DESCRIPTORS_MAX) return false;
  plan->uid = (uid_t)uid;
  plan->gid = (gid_t)gid;
  plan->inherited = (int)inherited;
  plan->privileged = geteuid() == 0;
  return read_lists(plan, count, arguments);
}
