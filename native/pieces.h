/* pieces.h: tables cut from one reservation of memory, each from a page of its own on. */
#ifndef CDBSERVE_PIECES_H
#define CDBSERVE_PIECES_H

#include <stddef.h>
#include <stdint.h>

/* With no base it only adds up. */
struct pieces {
  uint8_t *base;
  size_t used;
};

template <typename Item>
static inline void place(struct pieces *pieces, Item **item, size_t bytes) {
  const size_t page = 4096;
  if (pieces->base != nullptr) *item = reinterpret_cast<Item *>(pieces->base + pieces->used);
  pieces->used += (bytes + page - 1) / page * page;
}

#endif
