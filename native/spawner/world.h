/* world.h: the file system of a worker: a few read-only files and nothing else.
 *
 * In a mount namespace of its own, with CAP_SYS_ADMIN over it. mount(2), pivot_root(2), open_tree
 * and move_mount (kernel 5.2).
 */
#ifndef CDBSERVE_SPAWNER_WORLD_H
#define CDBSERVE_SPAWNER_WORLD_H

/* Every file under its own name, symbolic links followed; the old root is gone. 0 when that is read
 * back, else an errno; then the old root is still there, and nothing hides any of it. */
int world_enter(char *const *files, int count);

#endif
