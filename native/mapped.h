/* mapped.h: a file as read-only memory. Portable: no Linux header. */
#ifndef CDBSERVE_MAPPED_H
#define CDBSERVE_MAPPED_H

#include <stddef.h>
#include <stdint.h>

struct mapped_file {
  uint8_t *data;
  size_t bytes;
};

/* Of a file that nobody makes shorter meanwhile. 0, or -errno: -EINVAL for one without a byte. */
int mapped_open(int descriptor, struct mapped_file *file);
void mapped_close(const struct mapped_file *file);

#endif
