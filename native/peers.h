/* peers.h: who a peer is, whether the operator trusts it, and how many connections its address has.
 *
 * Rows of peers and networks are those of ring.h. Nothing is allocated here. */
#ifndef CDBSERVE_PEERS_H
#define CDBSERVE_PEERS_H

#include <stdint.h>
#include <sys/socket.h>

#include "ring.h"

static const uint32_t PEER_OVER = 0xffffffffu;
/* Numbers of entries fit 16 bits, and 0 is none. */
static const uint32_t PEER_ADDRESSES_MAX = 65535;

/* An address that has connections, in the chain of its bucket; or one that is free, in theirs. */
struct peer_address {
  uint64_t prefix; /* IPv4: all of it; IPv6: the upper half */
  uint32_t next;   /* number; 0: the last */
  uint16_t family, count;
};
static_assert(sizeof(struct peer_address) == 16, "the memory bound of docs/limits.md");

/* The caller's, its memory too. */
struct peer_table {
  struct peer_address *addresses; /* `total` of them */
  uint32_t *buckets;              /* peer_buckets(total) of them: number of the first, or 0 */
  uint32_t total;                 /* at most PEER_ADDRESSES_MAX come into use */
  uint32_t most;                  /* connections of one address; 0: no bound */
  uint32_t fresh, given_back;     /* 0 at first */
  uint64_t seed[2];
};

/* Makes up a seed that nobody who chooses addresses knows. False and errno. getrandom(2) */
bool peer_seed(struct peer_table *table);
/* A power of two. */
uint32_t peer_buckets(uint32_t total);
/* Writes a row of `peers`. */
void peer_write(const struct ring_config *config, uint8_t *peer,
                const struct sockaddr_storage *address);
/* One connection more: the number of its address, 0 for one that is not counted, or PEER_OVER when
 * its address has `most`. */
uint32_t peer_enter(struct peer_table *table, const uint8_t *peer);
/* One less, of a number above 0. */
void peer_leave(struct peer_table *table, uint32_t number);

#endif
