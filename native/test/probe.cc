// probe.cc: every system call in a child of its own, under tables of rules or under none.
//
// probe KIND FROM TO TIMEOUT_MS < rules, KIND being zero, ones, plausible, halves, right, x32,
// int80 or sockets. A rule is a line: the call, then `argument:mask:value` in hexadecimal, parted
// by spaces; an empty line parts two tables, which add up; no line: no filter. Prints each number
// that is not refused. Runs as nobody, in an empty root and in namespaces of its own, so that
// nothing it does reaches anything.
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "../lockdown.h"
#include "../process.h"

namespace {

// What stands where; mirrored in test/sandbox/probe.ts.
enum {
  CONTROL = 43,
  LISTENER = 44,
  RING_EPOLL = 45,
  EPOLL = 46,
  EVENTFD = 47,
  CONNECTION = 48,
};
const uint64_t CODE = 0x200000000000;
const uint64_t CODE_BYTES = 0x20040000;

const int REFUSED = 99;
const int RETURNED = 98;
const int NOT_READY = 97;
const long X32_BIT = 0x40000000;
const unsigned NOBODY = 65534;

struct words {
  uint64_t at[LOCKDOWN_ARGUMENTS];
};

struct table {
  std::vector<std::string> names;
  std::vector<lockdown_rule> rules;
};

[[noreturn]] void fail(const char *what) {
  perror(what);
  exit(NOT_READY);
}

using tables = std::vector<table>;

void read_rule(const std::string &line, table *into) {
  std::istringstream parts(line);
  std::string part;
  lockdown_rule rule = {};
  parts >> part;
  into->names.push_back(part);
  while (parts >> part) {
    lockdown_comparison *to = &rule.comparisons[rule.count++];
    unsigned long long mask;
    unsigned long long value;
    if (sscanf(part.c_str(), "%x:%llx:%llx", &to->argument, &mask, &value) != 3) fail(part.c_str());
    to->mask = mask;
    to->value = value;
  }
  into->rules.push_back(rule);
}

tables read_tables() {
  tables all(1);
  std::string line;
  while (std::getline(std::cin, line)) {
    if (line.empty()) {
      all.emplace_back();
    } else {
      read_rule(line, &all.back());
    }
  }
  for (table &one : all)
    for (size_t at = 0; at < one.rules.size(); at++) one.rules[at].call = one.names[at].c_str();
  return all;
}

void refused(int) { process_exit(REFUSED); }

void place(int descriptor, int number) {
  if (descriptor < 0) fail("descriptor");
  if (descriptor == number) return;
  if (dup2(descriptor, number) < 0) fail("dup2");
  close(descriptor);
}

// The descriptors that the rules speak of.
void furnish() {
  int pair[2];
  struct sockaddr_un name = {AF_UNIX, {}};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0) fail("socketpair");
  place(pair[0], CONTROL);
  place(pair[1], CONNECTION);
  place(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), LISTENER);
  if (bind(LISTENER, reinterpret_cast<struct sockaddr *>(&name), 2) != 0) fail("bind");
  if (listen(LISTENER, 1) != 0) fail("listen");
  place(epoll_create1(0), RING_EPOLL);
  place(epoll_create1(0), EPOLL);
  place(eventfd(0, EFD_NONBLOCK), EVENTFD);
  void *code = mmap(reinterpret_cast<void *>(CODE), CODE_BYTES, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (code == MAP_FAILED) fail("mmap");
}

void call(long number, const words &with) {
  register uint64_t r10 asm("r10") = with.at[3];
  register uint64_t r8 asm("r8") = with.at[4];
  register uint64_t r9 asm("r9") = with.at[5];
  asm volatile("syscall" : "+a"(number)
               : "D"(with.at[0]), "S"(with.at[1]), "d"(with.at[2]), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
}

void call_int80(long number) {
  asm volatile("int $0x80" : "+a"(number) : "b"(0), "c"(0), "d"(0), "S"(0), "D"(0) : "memory");
}

void install(const table &one) {
  const char *step;
  const uint32_t count = static_cast<uint32_t>(one.rules.size());
  if (count > 0 && lockdown_install(one.rules.data(), count, &step) != 0) process_exit(NOT_READY);
}

[[noreturn]] void child(const tables &all, const std::string &kind, long number, words with) {
  furnish();
  struct sigaction action = {};
  action.sa_handler = refused;
  if (sigaction(SIGSYS, &action, nullptr) != 0) process_exit(NOT_READY);
  for (const table &one : all) install(one);
  if (kind == "int80") {
    call_int80(number);
  } else {
    call(kind == "x32" ? number | X32_BIT : number, with);
  }
  process_exit(RETURNED);
}

// True: the kernel carried it out, whatever came of it.
bool survives(const tables &all, const std::string &kind, long number, const words &with, int ms) {
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0) child(all, kind, number, with);
  const int process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  struct pollfd wait = {process, POLLIN, 0};
  if (poll(&wait, 1, ms) == 0) kill(pid, SIGKILL);
  close(process);
  int status;
  if (waitpid(pid, &status, 0) != pid) fail("waitpid");
  kill(-1, SIGKILL);  // what a fork left behind; not this process
  while (waitpid(-1, nullptr, 0) > 0) continue;
  if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_READY) exit(NOT_READY);
  if (WIFEXITED(status)) return WEXITSTATUS(status) != REFUSED;
  return WTERMSIG(status) != SIGSYS;
}

void confine() {
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) fail("mount");
  if (mount("none", "/tmp", "tmpfs", MS_RDONLY, nullptr) != 0) fail("mount tmpfs");
  if (chdir("/tmp") != 0 || chroot(".") != 0) fail("chroot");
  const struct {
    __rlimit_resource_t which;
    rlim_t most;
  } limits[] = {{RLIMIT_FSIZE, 0}, {RLIMIT_CORE, 0}, {RLIMIT_AS, 2ul << 30}, {RLIMIT_CPU, 600}};
  for (const auto &limit : limits) {
    const struct rlimit both = {limit.most, limit.most};
    if (setrlimit(limit.which, &both) != 0) fail("setrlimit");
  }
  if (syscall(SYS_setgroups, 0, nullptr) != 0) fail("setgroups");
  if (setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0)
    fail("setresuid");
}

std::vector<words> arguments_of(const std::string &kind) {
  static char room[4096] = "/nothing";
  const uint64_t bytes = reinterpret_cast<uint64_t>(room);
  const uint64_t all = ~0ull;
  if (kind == "ones") return {{{all, all, all, all, all, all}}};
  // A descriptor first; second SHUT_WR, third the flags of sendmsg, fourth those of recvfrom.
  if (kind == "halves") return {{{1ull << 32 | EVENTFD, 1, 0x4000, 0x40, 0, 0}}};
  if (kind == "plausible")
    return {{{CONNECTION, bytes, 64, 0, 0, 0}},
            {{bytes, 0, 0, 0, 0, 0}},
            {{LISTENER, bytes, 16, 1, bytes, bytes}},
            {{2, 1, 0, bytes, 0, 0}}};
  return {{}};
}

void sweep(const tables &all, const std::string &kind, long from, long to, int ms) {
  const std::vector<words> choices = arguments_of(kind);
  for (long number = from; number < to; number++) {
    bool survived = false;
    for (const words &with : choices)
      survived = survived || survives(all, kind, number, with, ms);
    if (survived) printf("%ld\n", number);
  }
}

// What each rule of the last table asks for.
void right(const tables &all, int ms) {
  for (const lockdown_rule &rule : all.back().rules) {
    words with = {};
    for (uint32_t at = 0; at < rule.count; at++)
      with.at[rule.comparisons[at].argument] = rule.comparisons[at].value;
    const int number = static_cast<int>(seccomp_syscall_resolve_name(rule.call));
    if (survives(all, "right", number, with, ms)) printf("%d\n", number);
  }
}

void sockets(const tables &all, int ms) {
  bool survived = false;
  for (uint64_t family = 0; family < AF_MAX; family++)
    survived = survived || survives(all, "sockets", SYS_socket, {{family, SOCK_STREAM}}, ms);
  if (survived) printf("%d\n", SYS_socket);
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const std::string kind = argv[1];
  const tables all = read_tables();
  const int spaces = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
  if (unshare(spaces) != 0) fail("unshare");
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    setsid();
    confine();
    const int ms = atoi(argv[4]);
    if (kind == "right") {
      right(all, ms);
    } else if (kind == "sockets") {
      sockets(all, ms);
    } else {
      sweep(all, kind, atol(argv[2]), atol(argv[3]), ms);
    }
    exit(0);
  }
  int status;
  if (waitpid(pid, &status, 0) != pid) fail("waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}
