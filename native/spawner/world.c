// world.c: tmpfs, one bind a file, pivot_root, all of it read-only.
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plan.h"

/* Where the new root is put together: any directory that every machine has. */
static const char STAGE[] = "/tmp";
static const char TMPFS_OPTIONS[] = "size=64k,nr_inodes=512,mode=0755";

/* Sources are looked up before the stage hides what lies below it. */
static int open_trees(char *const *files, int count, int *trees) {
  for (int i = 0; i < count; i++) {
    trees[i] =
        (int)syscall(SYS_open_tree, AT_FDCWD, files[i], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (trees[i] < 0) return errno;
  }
  return 0;
}

static int make_parents(const char *path) {
  char parent[PATH_MAX];
  if (strlen(path) >= sizeof parent) return ENAMETOOLONG;
  strcpy(parent, path);
  for (char *slash = strchr(parent, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    if (mkdir(parent, 0755) != 0 && errno != EEXIST) return errno;
    *slash = '/';
  }
  return 0;
}

/* In a user namespace the flags of the source are locked: a remount must repeat them. */
static unsigned long kept_flags(unsigned long flags) {
  static const struct {
    unsigned long seen;
    unsigned long kept;
  } table[] = {
      {ST_NOEXEC, MS_NOEXEC},     {ST_NOATIME, MS_NOATIME},   {ST_NODIRATIME, MS_NODIRATIME},
      {ST_RELATIME, MS_RELATIME}, {ST_SYNCHRONOUS, MS_SYNCHRONOUS},
  };
  unsigned long kept = 0;
  for (size_t row = 0; row < sizeof table / sizeof table[0]; row++)
    if ((flags & table[row].seen) != 0) kept |= table[row].kept;
  return kept;
}

static int make_read_only(const char *path) {
  const unsigned long wanted = ST_RDONLY | ST_NOSUID | ST_NODEV;
  struct statvfs status;
  if (statvfs(path, &status) != 0) return errno;
  const unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV;
  if (mount(NULL, path, NULL, flags | kept_flags(status.f_flag), NULL) != 0) return errno;
  if (statvfs(path, &status) != 0) return errno;
  return (status.f_flag & wanted) == wanted ? 0 : EPERM;
}

static int bind_file(int tree, const char *path) {
  const int fault = make_parents(path);
  if (fault != 0) return fault;
  const int place = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
  if (place < 0) return errno;
  close(place);
  if (syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) != 0)
    return errno;
  return make_read_only(path);
}

static int fill_stage(char *const *files, int count, const int *trees) {
  if (chdir(STAGE) != 0) return errno;
  for (int i = 0; i < count; i++) {
    const int fault = bind_file(trees[i], files[i] + 1);
    if (fault != 0) return fault;
  }
  return 0;
}

static int build(char *const *files, int count) {
  int trees[PLAN_FILES_MAX];
  // Mounts are shared with the rest of the machine until this.
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return errno;
  int fault = open_trees(files, count, trees);
  if (fault != 0) return fault;
  if (mount("world", STAGE, "tmpfs", MS_NOSUID | MS_NODEV, TMPFS_OPTIONS) != 0) return errno;
  fault = fill_stage(files, count, trees);
  // Both roots at one place: the old one lies on top and is taken off. pivot_root(2), NOTES.
  if (fault == 0 && syscall(SYS_pivot_root, ".", ".") != 0) fault = errno;
  if (fault != 0) umount2(STAGE, MNT_DETACH);
  return fault;
}

static int read_back(void) {
  struct statfs status;
  if (statfs("/", &status) != 0) return errno;
  if (status.f_type != TMPFS_MAGIC) return EXDEV;
  if (mkdir("/new", 0700) == 0) return EPERM;
  return errno == EROFS ? 0 : errno;
}

int world_enter(char *const *files, int count) {
  int fault = build(files, count);
  if (fault == 0 && umount2(".", MNT_DETACH) != 0) fault = errno;
  if (chdir("/") != 0 && fault == 0) fault = errno;
  if (fault == 0) fault = make_read_only("/");
  return fault != 0 ? fault : read_back();
}
