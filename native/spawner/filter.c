// filter.c: a table, and a filter made of it that looks at numbers alone.
//
// A worker inherits it. An errno loses against the SIGSYS of a worker's own filters, so that these
// still tell which call it was; and for a number that every filter allows whatever its arguments,
// the kernel asks none of them (Linux 5.11).
#include "filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* x32 has the same architecture, and numbers from here on. */
#define X32 0x40000000u
/* What a tracer makes of a call that is not to run. */
#define NO_CALL 0xffffffffu

/* What a serving worker makes most, asked first. */
static const unsigned HOT[] = {
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
    SYS_recvfrom, SYS_sendmsg, SYS_accept4, SYS_close,
};

static const unsigned REFUSED[] = {
    // Code in the kernel, another kernel, its counters: CAP_SYS_ADMIN is enough for some.
    SYS_bpf, SYS_perf_event_open, SYS_init_module, SYS_finit_module, SYS_delete_module,
    SYS_kexec_load, SYS_kexec_file_load, SYS_reboot, SYS_syslog,
    // Calls by a queue, which no filter sees; faults answered by the process itself.
    SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_io_setup, SYS_userfaultfd,
    // Other processes: their memory, registers and descriptors.
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_getfd, SYS_process_madvise,
    SYS_kcmp, SYS_move_pages, SYS_migrate_pages,
    // Files without a path: CAP_DAC_READ_SEARCH is enough to open any of a disk by its handle.
    SYS_open_by_handle_at, SYS_name_to_handle_at, SYS_fanotify_init, SYS_mknodat,
    // Namespaces of others and other roots: a worker gets its own by clone3 and pivot_root.
    SYS_setns, SYS_unshare, SYS_chroot,
    // File systems and mounts beyond tmpfs and a file bound read-only, which mount itself makes.
    SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr, SYS_swapon, SYS_swapoff,
    SYS_quotactl, SYS_quotactl_fd, SYS_acct,
    // Keys of the kernel.
    SYS_add_key, SYS_request_key, SYS_keyctl,
    // The machine's clock and name.
    SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime, SYS_sethostname,
    SYS_setdomainname, SYS_vhangup,
    // Executable memory by default.
    SYS_personality,
#ifdef __x86_64__
    // Ports and segments of the processor; older names.
    SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_mknod,
#endif
};

enum { HOTS = sizeof HOT / sizeof HOT[0], ROWS = sizeof REFUSED / sizeof REFUSED[0] };
/* In this order: the architecture, a comparison for each number, and three ends. */
enum { HEAD = 3, NUMBERS = HEAD + HOTS, ROW = NUMBERS + 2, ALLOW = ROW + ROWS, REFUSE, KILL, END };
_Static_assert(END < 256, "a jump goes over 255 instructions at most");

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)
/* From instruction `at` to `to` where the comparison holds. */
#define WHERE(comparison, number, at, to) \
  BPF_JUMP(BPF_JMP | comparison | BPF_K, number, (unsigned char)((to) - (at) - 1), 0)

static void build(struct sock_filter *program) {
  const struct sock_filter head[HEAD] = {
      LOAD(arch),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 0, KILL - 2),
      LOAD(nr),
  };
  for (int at = 0; at < HEAD; at++) program[at] = head[at];
  for (int at = HEAD; at < NUMBERS; at++)
    program[at] = (struct sock_filter)WHERE(BPF_JEQ, HOT[at - HEAD], at, ALLOW);
  program[NUMBERS] = (struct sock_filter)WHERE(BPF_JEQ, NO_CALL, NUMBERS, ALLOW);
  program[NUMBERS + 1] = (struct sock_filter)WHERE(BPF_JGE, X32, NUMBERS + 1, KILL);
  for (int at = ROW; at < ALLOW; at++)
    program[at] = (struct sock_filter)WHERE(BPF_JEQ, REFUSED[at - ROW], at, REFUSE);
  program[ALLOW] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
  program[REFUSE] = (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | ENOSYS);
  program[KILL] = (struct sock_filter)RETURN(SECCOMP_RET_KILL_PROCESS);
}

int filter_take(void) {
  struct sock_filter program[END];
  const struct sock_fprog whole = {.len = END, .filter = program};
  build(program);
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &whole) != 0) return errno;
  if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != SECCOMP_MODE_FILTER) return EPERM;
  // Nothing is unshared by 0: where no filter answers it the kernel agrees.
  return syscall(SYS_unshare, 0) < 0 && errno == ENOSYS ? 0 : EPERM;
}
