// landlock.c: one ruleset of all the kernel knows, held to by two tries that must fail.
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "step.h"

/* Of linux/landlock.h, whose version on the machine of the build may be older than the kernel. */
enum { VERSION_FLAG = 1, RULE_PATH_BENEATH = 1 };
enum { FILES_EXECUTE = 1, FILES_READ = 4, FILES_ABI_1 = 0x1fff };
enum { FILES_REFER = 0x2000, FILES_TRUNCATE = 0x4000, FILES_IOCTL = 0x8000 };
enum { NETWORK_BIND_CONNECT = 3, SCOPE_SOCKET_SIGNAL = 3 };
enum { ABI_REFER = 2, ABI_TRUNCATE = 3, ABI_NETWORK = 4, ABI_IOCTL = 5, ABI_SCOPE = 6 };

struct ruleset_attributes {
  uint64_t files;
  uint64_t network;
  uint64_t scope;
};

struct path_rule {
  uint64_t allowed;
  int32_t parent;
} __attribute__((packed));

static struct ruleset_attributes attributes_of(int abi) {
  struct ruleset_attributes attributes = {.files = FILES_ABI_1};
  if (abi >= ABI_REFER) attributes.files |= FILES_REFER;
  if (abi >= ABI_TRUNCATE) attributes.files |= FILES_TRUNCATE;
  if (abi >= ABI_IOCTL) attributes.files |= FILES_IOCTL;
  if (abi >= ABI_NETWORK) attributes.network = NETWORK_BIND_CONNECT;
  if (abi >= ABI_SCOPE) attributes.scope = SCOPE_SOCKET_SIGNAL;
  return attributes;
}

static size_t attribute_bytes(int abi) {
  if (abi >= ABI_SCOPE) return sizeof(struct ruleset_attributes);
  return abi >= ABI_NETWORK ? offsetof(struct ruleset_attributes, scope)
                            : offsetof(struct ruleset_attributes, network);
}

static int allow(int ruleset, const char *file) {
  const int parent = open(file, O_PATH | O_CLOEXEC);
  if (parent < 0) return errno;
  const struct path_rule rule = {.allowed = FILES_EXECUTE | FILES_READ, .parent = parent};
  const long added = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
  const int fault = added == 0 ? 0 : errno;
  close(parent);
  return fault;
}

static int restrict_to(int abi, char *const *files, int count) {
  const struct ruleset_attributes attributes = attributes_of(abi);
  const int ruleset =
      (int)syscall(SYS_landlock_create_ruleset, &attributes, attribute_bytes(abi), 0);
  if (ruleset < 0) return errno;
  int fault = 0;
  for (int i = 0; i < count && fault == 0; i++) fault = allow(ruleset, files[i]);
  if (fault == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) fault = errno;
  close(ruleset);
  return fault;
}

static int files_closed(void) {
  const int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return errno == EACCES ? 0 : errno;
  close(root);
  return EPERM;
}

static int network_closed(void) {
  const struct sockaddr_in any = {.sin_family = AF_INET};
  const int socket_of_none = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_of_none < 0) return errno == EAFNOSUPPORT ? 0 : errno;
  const int bound = bind(socket_of_none, (const struct sockaddr *)&any, sizeof any);
  const int fault = bound == 0 ? EPERM : errno == EACCES ? 0 : errno;
  close(socket_of_none);
  return fault;
}

void landlock_take(char *const *files, int count, int32_t *results) {
  results[STEP_LANDLOCK_NETWORK] = STEP_NOT_ASKED;
  results[STEP_LANDLOCK_SCOPE] = STEP_NOT_ASKED;
  const int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_FLAG);
  if (abi < 0) {
    results[STEP_LANDLOCK_FILES] = errno;
    return;
  }
  const int fault = restrict_to(abi, files, count);
  results[STEP_LANDLOCK_FILES] = fault != 0 ? fault : files_closed();
  if (abi >= ABI_NETWORK) results[STEP_LANDLOCK_NETWORK] = fault != 0 ? fault : network_closed();
  if (abi >= ABI_SCOPE) results[STEP_LANDLOCK_SCOPE] = fault;
}
