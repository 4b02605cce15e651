// listener.cc: socket, options, bind, listen.
#include "listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

static bool parse(const char *host, uint16_t port, union address *address) {
  memset(address, 0, sizeof *address);
  if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
    address->v4.sin_family = AF_INET;
    address->v4.sin_port = htons(port);
    return true;
  }
  address->v6.sin6_family = AF_INET6;
  address->v6.sin6_port = htons(port);
  return inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1;
}

static bool set(int listener, int level, int option, int value) {
  return setsockopt(listener, level, option, &value, sizeof value) == 0;
}

static const char *prepare(int listener, const union address *address, bool both, bool reuse_port,
                           int backlog) {
  const bool is_v6 = address->any.sa_family == AF_INET6;
  const socklen_t length = is_v6 ? sizeof address->v6 : sizeof address->v4;
  if (!set(listener, SOL_SOCKET, SO_REUSEADDR, 1)) return "setsockopt";
  if (reuse_port && !set(listener, SOL_SOCKET, SO_REUSEPORT, 1)) return "setsockopt";
  if (!set(listener, IPPROTO_TCP, TCP_NODELAY, 1)) return "setsockopt";
  if (is_v6 && !set(listener, IPPROTO_IPV6, IPV6_V6ONLY, both ? 0 : 1)) return "setsockopt";
  if (bind(listener, &address->any, length) != 0) return "bind";
  if (listen(listener, backlog) != 0) return "listen";
  return nullptr;
}

static int open_at(const union address *address, bool both, bool reuse_port, int backlog,
                   const char **call) {
  *call = "socket";
  const int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const int listener = socket(address->any.sa_family, type, 0);
  if (listener < 0) return -errno;
  *call = prepare(listener, address, both, reuse_port, backlog);
  if (*call == nullptr) return listener;
  const int fault = errno;
  close(listener);
  return -fault;
}

int listener_open(const char *host, uint16_t port, bool reuse_port, int backlog,
                  const char **call) {
  union address address;
  *call = "inet_pton";
  const bool both = host[0] == '\0';
  if (!parse(both ? "::" : host, port, &address)) return -EINVAL;
  const int listener = open_at(&address, both, reuse_port, backlog, call);
  if (!both || (listener != -EAFNOSUPPORT && listener != -EADDRNOTAVAIL)) return listener;
  parse("0.0.0.0", port, &address);
  return open_at(&address, false, reuse_port, backlog, call);
}

int listener_user_timeout(int listener, int timeout_ms) {
  return set(listener, IPPROTO_TCP, TCP_USER_TIMEOUT, timeout_ms) ? 0 : -errno;
}

int listener_port(int listener) {
  union address address;
  socklen_t length = sizeof address;
  if (getsockname(listener, &address.any, &length) != 0) return -errno;
  if (address.any.sa_family == AF_INET) return ntohs(address.v4.sin_port);
  if (address.any.sa_family == AF_INET6) return ntohs(address.v6.sin6_port);
  return -EAFNOSUPPORT;
}

int listener_queue(int listener) {
  struct tcp_info info;
  socklen_t length = sizeof info;
  if (getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return -errno;
  return static_cast<int>(info.tcpi_unacked);
}

int listener_shut(int listener) {
  return shutdown(listener, SHUT_RDWR) == 0 ? 0 : -errno;
}
