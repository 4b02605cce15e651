// peers.cc: rows of peers, networks they are in, and a hash table of addresses.
#include "peers.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>

static const uint8_t FAMILY_UNIX = 1;
static const uint8_t FAMILY_IPV4 = 4;
static const uint8_t FAMILY_IPV6 = 6;
static const size_t ADDRESS_AT = 4;
static const size_t NETWORK_AT = 2;

static bool is_within(const uint8_t *network, const uint8_t *peer) {
  const uint8_t *wanted = network + NETWORK_AT;
  const uint8_t *found = peer + ADDRESS_AT;
  const size_t whole = network[1] / 8u;
  const uint32_t rest = network[1] % 8u;
  if (network[0] != peer[0] || memcmp(wanted, found, whole) != 0) return false;
  return rest == 0 || (wanted[whole] ^ found[whole]) >> (8 - rest) == 0;
}

static bool is_trusted(const struct ring_config *config, const uint8_t *peer) {
  for (uint32_t at = 0; at < config->trusted_count; at++)
    if (is_within(config->trusted + at * RING_NETWORK_BYTES, peer)) return true;
  return false;
}

void peer_write(const struct ring_config *config, uint8_t *peer,
                const struct sockaddr_storage *address) {
  memset(peer, 0, RING_PEER_BYTES);
  if (address->ss_family == AF_UNIX) peer[0] = FAMILY_UNIX;
  if (address->ss_family == AF_INET) {
    const struct sockaddr_in *v4 = reinterpret_cast<const struct sockaddr_in *>(address);
    const uint16_t port = ntohs(v4->sin_port);
    peer[0] = FAMILY_IPV4;
    memcpy(peer + 2, &port, sizeof port);
    memcpy(peer + ADDRESS_AT, &v4->sin_addr, 4);
  }
  if (address->ss_family == AF_INET6) {
    const struct sockaddr_in6 *v6 = reinterpret_cast<const struct sockaddr_in6 *>(address);
    const uint16_t port = ntohs(v6->sin6_port);
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);
    peer[0] = mapped ? FAMILY_IPV4 : FAMILY_IPV6;
    memcpy(peer + 2, &port, sizeof port);
    memcpy(peer + ADDRESS_AT, v6->sin6_addr.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 16);
  }
  peer[RING_PEER_TRUSTED] = is_trusted(config, peer) ? 1 : 0;
}

bool peer_seed(struct peer_table *table) {
  return getrandom(table->seed, sizeof table->seed, 0) == sizeof table->seed;
}

uint32_t peer_buckets(uint32_t total) {
  uint32_t count = 1;
  while (count < total) count *= 2;
  return count;
}

static uint64_t rotate(uint64_t word, int bits) {
  return word << bits | word >> (64 - bits);
}

static void scramble(uint64_t state[4], int rounds) {
  for (int round = 0; round < rounds; round++) {
    state[0] += state[1];
    state[2] += state[3];
    state[1] = rotate(state[1], 13) ^ state[0];
    state[3] = rotate(state[3], 16) ^ state[2];
    state[0] = rotate(state[0], 32);
    state[2] += state[1];
    state[0] += state[3];
    state[1] = rotate(state[1], 17) ^ state[2];
    state[3] = rotate(state[3], 21) ^ state[0];
    state[2] = rotate(state[2], 32);
  }
}

static void absorb(uint64_t state[4], uint64_t word) {
  state[3] ^= word;
  scramble(state, 2);
  state[0] ^= word;
}

// SipHash-2-4 (Aumasson and Bernstein, 2012) of nine bytes, prefix and family: who does not know
// the seed cannot choose addresses that share a bucket.
static uint32_t *bucket_of(struct peer_table *table, uint64_t prefix, uint16_t family) {
  uint64_t state[4] = {
      table->seed[0] ^ 0x736f6d6570736575,
      table->seed[1] ^ 0x646f72616e646f6d,
      table->seed[0] ^ 0x6c7967656e657261,
      table->seed[1] ^ 0x7465646279746573,
  };
  absorb(state, prefix);
  absorb(state, 9ull << 56 | family);
  state[2] ^= 0xff;
  scramble(state, 4);
  const uint64_t hash = state[0] ^ state[1] ^ state[2] ^ state[3];
  return &table->buckets[hash & (peer_buckets(table->total) - 1)];
}

static struct peer_address *entry(struct peer_table *table, uint32_t number) {
  return &table->addresses[number - 1];
}

static uint32_t find(struct peer_table *table, uint32_t first, uint64_t prefix, uint16_t family) {
  uint32_t number = first;
  while (number != 0) {
    const struct peer_address *address = entry(table, number);
    if (address->prefix == prefix && address->family == family) break;
    number = address->next;
  }
  return number;
}

static uint32_t take(struct peer_table *table) {
  const uint32_t number = table->given_back;
  if (number != 0) {
    table->given_back = entry(table, number)->next;
    return number;
  }
  const bool has_more = table->fresh < table->total && table->fresh < PEER_ADDRESSES_MAX;
  return has_more ? ++table->fresh : 0;
}

uint32_t peer_enter(struct peer_table *table, const uint8_t *peer) {
  const uint8_t family = peer[0];
  if (table->most == 0 || peer[RING_PEER_TRUSTED] != 0) return 0;
  if (family != FAMILY_IPV4 && family != FAMILY_IPV6) return 0;
  uint64_t prefix = 0;
  memcpy(&prefix, peer + ADDRESS_AT, family == FAMILY_IPV4 ? 4 : 8);
  uint32_t *bucket = bucket_of(table, prefix, family);
  uint32_t number = find(table, *bucket, prefix, family);
  if (number == 0) {
    number = take(table);
    if (number == 0) return 0;
    *entry(table, number) = {prefix, *bucket, family, 0};
    *bucket = number;
  }
  if (entry(table, number)->count >= table->most) return PEER_OVER;
  entry(table, number)->count++;
  return number;
}

void peer_leave(struct peer_table *table, uint32_t number) {
  struct peer_address *address = entry(table, number);
  if (--address->count > 0) return;
  uint32_t *link = bucket_of(table, address->prefix, address->family);
  while (*link != number) link = &entry(table, *link)->next;
  *link = address->next;
  address->next = table->given_back;
  table->given_back = number;
}
