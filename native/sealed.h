/* sealed.h: memory that nobody can change any more: a memfd with every seal, mapped read-only.
 *
 * memfd_create(2), fcntl(2) F_ADD_SEALS, mseal(2). Success is what is read back, never a return
 * alone.
 */
#ifndef CDBSERVE_SEALED_H
#define CDBSERVE_SEALED_H

#include <stddef.h>
#include <stdint.h>

struct sealed_map {
  uint8_t *data;
  size_t bytes;
  int seals;    /* F_GET_SEALS: 0x2f with MFD_NOEXEC_SEAL, 0x0f on kernels without it */
  bool msealed; /* the mapping itself cannot be undone or changed: kernel 6.10 and later */
};

/* A new sealed memfd with a copy of a whole regular file, or -errno with the refused call's name in
 * *call. -EFBIG: over 2^32 - 1 bytes; -EAGAIN: the file changed while it was read. */
int sealed_copy(int descriptor, const char **call);
/* F_GET_SEALS, or -errno. */
int sealed_read(int descriptor);
/* Maps a sealed memfd for the life of the process. 0 or -errno; -EPERM: seals are missing. */
int sealed_map(int descriptor, struct sealed_map *map, const char **call);

#endif
