// fuzz_ring.cc: an input is a script of what peers do and what the caller answers.
//
// A model beside the ring knows what every peer sent and what it must receive, which connections
// live, and which rows may come; whatever differs aborts. Tables, pools and time-outs are tiny, so
// that a short script meets every limit.
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <map>
#include <string>
#include <vector>

#include "../listener.h"
#include "../ring.h"
#include "../test/check.h"

namespace {

const uint32_t PEERS = 6;
const uint32_t EVENT_ROWS = 16;
const uint32_t OUTBOX_ROWS = 128;
const uint32_t INBOX_BYTES = 150;
const uint32_t INPUT_BYTES_MAX = 48;
const uint32_t SCRATCH_BYTES = 2048;
const uint32_t STATIC_BYTES = 16;
const uint32_t PENDING_SCRATCH_BYTES = 64;
const uint32_t SLOTS = 5;
const uint32_t ARCHIVE_BYTES = 1 << 20;

void require(bool holds) {
  if (!holds) abort();
}

// The byte at a place in the stream that peer `salt` sends, so that any shift or mix shows.
uint8_t stream_byte(uint32_t salt, uint64_t at) {
  return static_cast<uint8_t>(at * 31 + (at >> 8) + salt * 101 + 1);
}

struct Script {
  const uint8_t *at, *end;
  bool more() const { return at < end; }
  uint8_t take() { return at < end ? *at++ : 0; }
};

struct Peer {
  int fd = -1;
  uint32_t salt = 0;
  uint64_t sent = 0;
  bool ended = false;
  uint32_t connection = 0;
  std::string got;
};

struct Connection {
  int peer = -1; /* index, once a byte told who it is */
  uint32_t salt = 0;
  bool known = false, refused = false, half_closed = false, finished = false, answerable = false;
  uint64_t consumed = 0, delivered = 0;
  std::string expected;
};

struct Tables {
  check::Guarded inbox{INBOX_BYTES}, events{EVENT_ROWS * 16}, outbox{OUTBOX_ROWS * 16};
  check::Guarded scratch{SCRATCH_BYTES}, archive{ARCHIVE_BYTES}, peers{SLOTS * RING_PEER_BYTES};
};

class World {
 public:
  World(Script script, bool tcp);
  ~World();
  void run();

 private:
  void act();
  void connect_peer(Peer &peer);
  void send(Peer &peer, size_t bytes);
  void read(Peer &peer, size_t bytes);
  void leave(Peer &peer, bool reset);
  void turn();
  void take_row(const int32_t *row);
  void take_data(uint32_t id, Connection &connection, uint32_t offset, uint32_t length);
  void answer(uint32_t id, Connection &connection, uint8_t choice);
  void put(uint32_t id, uint32_t op, uint32_t offset, uint32_t length);
  void finish_all();

  Script script_;
  Tables &tables_;
  struct ring *ring_;
  int control_[2], listener_;
  struct sockaddr_storage address_ = {};
  socklen_t address_length_;
  Peer peers_[PEERS];
  std::map<uint32_t, Connection> connections_;
  uint32_t rows_ = 0, scratch_used_ = STATIC_BYTES, salts_ = 0, drained_ = 0;
  bool draining_ = false;
};

Tables &tables() {
  static Tables all;
  static bool filled = false;
  for (size_t at = 0; !filled && at < ARCHIVE_BYTES; at++)
    all.archive.data()[at] = static_cast<uint8_t>(at * 13 + (at >> 9));
  memset(all.scratch.data(), 's', STATIC_BYTES);
  filled = true;
  return all;
}

struct ring_config config_of(Tables &tables) {
  struct ring_config config = {};
  config.inbox = tables.inbox.data();
  config.inbox_bytes = INBOX_BYTES;
  config.events = reinterpret_cast<int32_t *>(tables.events.data());
  config.event_rows = EVENT_ROWS;
  config.outbox = reinterpret_cast<uint32_t *>(tables.outbox.data());
  config.outbox_rows = OUTBOX_ROWS;
  config.scratch = tables.scratch.data();
  config.scratch_bytes = SCRATCH_BYTES;
  config.scratch_static_bytes = STATIC_BYTES;
  config.archive = tables.archive.data();
  config.archive_bytes = ARCHIVE_BYTES;
  config.peers = tables.peers.data();
  config.connections_max = 3;
  config.connections_spare = SLOTS - 3;
  config.connections_per_address = 2;
  config.input_bytes_max = INPUT_BYTES_MAX;
  config.carry_blocks = 2;
  config.pending_blocks = 2;
  config.pending_scratch_bytes = PENDING_SCRATCH_BYTES;
  config.accepts_per_turn = 2;
  config.header_timeout_ms = 3;
  config.idle_timeout_ms = 5;
  config.write_timeout_ms = 4;
  config.write_bytes_min = 500;
  config.linger_silence_ms = 2;
  config.linger_total_ms = 4;
  config.accept_pause_ms = 1;
  return config;
}

int unix_listener() {
  struct sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  require(bind(fd, reinterpret_cast<struct sockaddr *>(&name), sizeof(sa_family_t)) == 0);
  require(listen(fd, 16) == 0);
  return fd;
}

World::World(Script script, bool tcp) : script_(script), tables_(tables()) {
  struct ring_config config = config_of(tables_);
  require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control_) == 0);
  config.control_fd = control_[0];
  ring_ = ring_open(&config);
  require(ring_ != nullptr);
  const char *call;
  listener_ = tcp ? listener_open("127.0.0.1", 0, false, 16, &call) : unix_listener();
  require(listener_ >= 0);
  const int small = 4608;
  setsockopt(listener_, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  address_length_ = sizeof address_;
  require(getsockname(listener_, reinterpret_cast<struct sockaddr *>(&address_),
                      &address_length_) == 0);
  require(ring_listen(ring_, listener_, 1) == 0);
}

World::~World() {
  for (Peer &peer : peers_) leave(peer, true);
  ring_close(ring_);
  close(listener_);
  close(control_[0]);
  close(control_[1]);
}

void World::connect_peer(Peer &peer) {
  if (peer.fd >= 0) return;
  const int fd = socket(address_.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  require(fd >= 0);
  const int small = 2304;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  peer = Peer();
  peer.fd = fd;
  peer.salt = ++salts_ & 0xff;
  if (connect(fd, reinterpret_cast<struct sockaddr *>(&address_), address_length_) != 0 &&
      errno != EINPROGRESS) {
    close(fd);
    peer.fd = -1;
  }
}

// Every stream starts with its salt, so that the model learns whose connection it is.
void World::send(Peer &peer, size_t bytes) {
  if (peer.fd < 0 || peer.ended) return;
  uint8_t chunk[256];
  for (size_t at = 0; at < bytes; at++)
    chunk[at] = peer.sent + at == 0 ? static_cast<uint8_t>(peer.salt)
                                    : stream_byte(peer.salt, peer.sent + at);
  const ssize_t sent = ::send(peer.fd, chunk, bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) peer.sent += static_cast<uint64_t>(sent);
}

void World::read(Peer &peer, size_t bytes) {
  if (peer.fd < 0) return;
  char chunk[65536];
  const ssize_t got = recv(peer.fd, chunk, bytes, MSG_DONTWAIT);
  if (got <= 0) return;
  peer.got.append(chunk, static_cast<size_t>(got));
  const auto found = connections_.find(peer.connection);
  if (peer.connection == 0 || found == connections_.end()) return;
  require(found->second.expected.compare(0, peer.got.size(), peer.got) == 0);
}

void World::leave(Peer &peer, bool reset) {
  if (peer.fd < 0) return;
  const struct linger now = {1, 0};
  if (reset) setsockopt(peer.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(peer.fd);
  peer.fd = -1;
}

void World::put(uint32_t id, uint32_t op, uint32_t offset, uint32_t length) {
  const uint32_t row[] = {id, op, offset, length};
  require(rows_ < OUTBOX_ROWS);
  memcpy(tables_.outbox.data() + rows_++ * sizeof row, row, sizeof row);
}

// Bits of the choice: archive bytes, scratch, static scratch, FINISH.
void World::answer(uint32_t id, Connection &connection, uint8_t choice) {
  static const uint32_t sizes[] = {0, 1, 3000, ARCHIVE_BYTES - 7};
  const uint32_t length = sizes[choice & 3];
  const std::string archive(reinterpret_cast<char *>(tables_.archive.data()) + 7, length);
  put(id, RING_SEND_ARCHIVE, 7, length);
  connection.expected += archive;
  if (choice & 4) {
    memset(tables_.scratch.data() + scratch_used_, 'a' + choice % 26, 40);
    connection.expected.append(40, static_cast<char>('a' + choice % 26));
    put(id, RING_SEND_SCRATCH, scratch_used_, 40);
    scratch_used_ += 40;
  }
  if (choice & 8) {
    connection.expected.append(STATIC_BYTES, 's');
    put(id, RING_SEND_SCRATCH, 0, STATIC_BYTES);
  }
  if (!(choice & 16)) return;
  put(id, RING_FINISH, 0, 0);
  connection.finished = true;
}

void World::take_data(uint32_t id, Connection &connection, uint32_t offset, uint32_t length) {
  require(!connection.finished && !connection.answerable && !connection.half_closed);
  require(length > 0 && length <= INPUT_BYTES_MAX && offset + length < INBOX_BYTES);
  const uint8_t *bytes = tables_.inbox.data() + offset;
  require(bytes[length] == 0);
  if (!connection.known) {
    connection.known = true;
    connection.salt = bytes[0];
    for (uint32_t at = 0; at < PEERS; at++)
      if (peers_[at].fd >= 0 && peers_[at].salt == bytes[0]) peers_[at].connection = id;
  }
  for (uint32_t at = 0; at < length; at++)
    require(connection.consumed + at == 0 ||
            bytes[at] == stream_byte(connection.salt, connection.consumed + at));
  require(connection.consumed + length >= connection.delivered);
  connection.delivered = connection.consumed + length;
  const uint8_t choice = script_.take();
  const uint32_t consumed = choice & 0x80 ? length : choice & 0x40 ? length / 2 : 0;
  const bool again = (choice & 0x20) || length - consumed == INPUT_BYTES_MAX;
  if (consumed > 0 || again) put(id, RING_CONSUMED, again ? RING_AGAIN : 0, consumed);
  connection.consumed += consumed;
  if (consumed > 0 || (choice & 16)) answer(id, connection, choice & 31);
}

void World::take_row(const int32_t *row) {
  const uint32_t id = static_cast<uint32_t>(row[RING_EVENT_CONNECTION]);
  const int kind = row[RING_EVENT_KIND];
  if (kind == RING_TICK || kind == RING_CONTROL) return;
  if (kind == RING_DRAINED) {
    require(draining_ && connections_.empty() && ++drained_ == 1);
    return;
  }
  if (kind == RING_OPENED || kind == RING_REFUSED) {
    require(id != 0 && (id & 0xffff) < SLOTS && connections_.count(id) == 0);
    Connection &connection = connections_[id];
    connection.refused = connection.answerable = kind == RING_REFUSED;
    if (connection.refused) answer(id, connection, script_.take());
    return;
  }
  const auto found = connections_.find(id);
  require(found != connections_.end());
  Connection &connection = found->second;
  if (kind == RING_CLOSED) {
    for (Peer &peer : peers_)
      if (peer.connection == id) peer.connection = 0;
    connections_.erase(found);
    return;
  }
  if (kind == RING_DATA) {
    take_data(id, connection, static_cast<uint32_t>(row[RING_EVENT_OFFSET]),
              static_cast<uint32_t>(row[RING_EVENT_LENGTH]));
    return;
  }
  require(kind == RING_HALF_CLOSED || kind == RING_EXPIRED);
  require(!connection.finished && !connection.answerable && !connection.half_closed);
  connection.answerable = true;
  connection.half_closed = kind == RING_HALF_CLOSED;
  for (const Peer &peer : peers_)
    if (connection.half_closed && peer.fd >= 0 && peer.connection == id)
      require(peer.ended && connection.delivered == peer.sent);
  answer(id, connection, script_.take());
}

void World::turn() {
  require(::send(control_[1], "p", 1, MSG_NOSIGNAL) == 1);
  const uint32_t count = ring_turn(ring_, rows_);
  rows_ = 0;
  scratch_used_ = STATIC_BYTES;
  memset(tables_.scratch.data() + STATIC_BYTES, '!', SCRATCH_BYTES - STATIC_BYTES);
  require(count <= EVENT_ROWS);
  const int32_t *events = reinterpret_cast<int32_t *>(tables_.events.data());
  for (uint32_t at = 0; at < count; at++) take_row(events + at * RING_EVENT_FIELDS);
  require(ring_connections(ring_) <= SLOTS);
}

void World::act() {
  const uint8_t choice = script_.take();
  Peer &peer = peers_[choice % PEERS];
  switch (choice / PEERS % 12) {
    case 0:
    case 1:
      connect_peer(peer);
      break;
    case 2:
    case 3:
      send(peer, script_.take());
      break;
    case 4:
      leave(peer, true);
      break;
    case 5:
      leave(peer, false);
      break;
    case 6:
      if (peer.fd >= 0) shutdown(peer.fd, SHUT_WR);
      peer.ended = true;
      break;
    case 7:
      read(peer, script_.take() % 4 ? 65536 : 100);
      break;
    case 8:
      poll(nullptr, 0, choice % 3);
      turn();
      break;
    case 9:
      ring_flush(ring_, rows_);
      rows_ = 0;
      break;
    case 10:
      if (choice % PEERS != 0 || draining_) return turn();
      ring_withdraw(ring_);
      ring_drain(ring_, 3);
      draining_ = true;
      break;
    default:
      turn();
  }
}

void World::finish_all() {
  turn();
  ring_withdraw(ring_);
  ring_drain(ring_, 0);
  draining_ = true;
  for (int left = 200; left > 0 && (drained_ == 0 || !connections_.empty()); left--) turn();
  require(drained_ == 1 && connections_.empty() && ring_connections(ring_) == 0);
  const struct ring_stats *stats = ring_stats(ring_);
  require(stats->accepted == stats->closed);
}

void World::run() {
  for (int steps = 0; steps < 300 && script_.more(); steps++) act();
  finish_all();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2) return 0;
  World world({data + 1, data + size}, data[0] % 4 == 0);
  world.run();
  return 0;
}
