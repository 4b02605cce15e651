// listener.cc: socket, options, bind, listen.
#include "listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  struct sockaddr_un path;
};

static const int TYPE = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

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
  const int listener = socket(address->any.sa_family, TYPE, 0);
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

static int bind_with(int listener, const union address *address, uint32_t mode) {
  const mode_t before = umask(~mode & 0777);
  const int bound = bind(listener, &address->any, sizeof address->path);
  const int fault = errno;
  umask(before);
  return bound == 0 ? 0 : -fault;
}

// 0: nobody listens there any more, and the name is free now.
static int take_away(const union address *address) {
  struct stat found;
  if (lstat(address->path.sun_path, &found) != 0) return -errno;
  if (!S_ISSOCK(found.st_mode)) return -EEXIST;
  const int probe = socket(AF_UNIX, TYPE, 0);
  if (probe < 0) return -errno;
  const bool stale =
      connect(probe, &address->any, sizeof address->path) != 0 && errno == ECONNREFUSED;
  close(probe);
  if (!stale) return -EADDRINUSE;
  return unlink(address->path.sun_path) == 0 ? 0 : -errno;
}

static int bind_anew(int listener, const union address *address, uint32_t mode, const char **call) {
  *call = "bind";
  int fault = bind_with(listener, address, mode);
  if (fault != -EADDRINUSE) return fault;
  fault = take_away(address);
  return fault == 0 ? bind_with(listener, address, mode) : fault;
}

int listener_open_unix(const char *path, uint32_t mode, int backlog, const char **call) {
  union address address;
  memset(&address, 0, sizeof address);
  address.path.sun_family = AF_UNIX;
  *call = "bind";
  if (path[0] == '\0' || strlen(path) > LISTENER_PATH_BYTES_MAX) return -ENAMETOOLONG;
  memcpy(address.path.sun_path, path, strlen(path));
  *call = "socket";
  const int listener = socket(AF_UNIX, TYPE, 0);
  if (listener < 0) return -errno;
  int fault = bind_anew(listener, &address, mode, call);
  if (fault == 0 && listen(listener, backlog) != 0) {
    *call = "listen";
    fault = -errno;
  }
  if (fault == 0) return listener;
  close(listener);
  return fault;
}

static int option(int listener, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  return getsockopt(listener, SOL_SOCKET, name, &value, &length) == 0 ? value : -errno;
}

static int name_of(int listener, char *name, uint32_t bytes) {
  union address address;
  char literal[INET6_ADDRSTRLEN];
  memset(&address, 0, sizeof address);
  socklen_t length = sizeof address - 1;
  if (getsockname(listener, &address.any, &length) != 0) return -errno;
  switch (address.any.sa_family) {
    case AF_INET:
      inet_ntop(AF_INET, &address.v4.sin_addr, literal, sizeof literal);
      snprintf(name, bytes, "%s:%u", literal, ntohs(address.v4.sin_port));
      return 0;
    case AF_INET6:
      inet_ntop(AF_INET6, &address.v6.sin6_addr, literal, sizeof literal);
      snprintf(name, bytes, "[%s]:%u", literal, ntohs(address.v6.sin6_port));
      return 0;
    case AF_UNIX:
      snprintf(name, bytes, "unix:%s", address.path.sun_path);
      return 0;
    default:
      return -EAFNOSUPPORT;
  }
}

int listener_adopt(int listener, char *name, uint32_t bytes, const char **call) {
  *call = "getsockopt";
  const int listens = option(listener, SO_ACCEPTCONN);
  if (listens < 0) return listens;
  if (listens != 1 || option(listener, SO_TYPE) != SOCK_STREAM) return -EINVAL;
  *call = "getsockname";
  const int fault = name_of(listener, name, bytes);
  if (fault != 0) return fault;
  *call = "fcntl";
  const int flags = fcntl(listener, F_GETFL);
  if (flags < 0 || fcntl(listener, F_SETFL, flags | O_NONBLOCK) != 0) return -errno;
  if (fcntl(listener, F_SETFD, FD_CLOEXEC) != 0) return -errno;
  *call = "setsockopt";
  const bool is_tcp = option(listener, SO_DOMAIN) != AF_UNIX;
  return is_tcp && !set(listener, IPPROTO_TCP, TCP_NODELAY, 1) ? -errno : 0;
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

int listener_accept(int listener) {
  const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return fd >= 0 ? fd : -errno;
}

int listener_shut(int listener) {
  return shutdown(listener, SHUT_RDWR) == 0 ? 0 : -errno;
}
