// listener_test.cc: sockets on literal addresses, their options and their refusals.
#include "../listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "check.h"

namespace {

int option(int socket, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  CHECK(getsockopt(socket, level, name, &value, &length) == 0);
  return value;
}

}  // namespace

CASE("listener: non-blocking, close-on-exec, no delay, address reuse; port reuse on request") {
  const char *call;
  const int plain = listener_open("127.0.0.1", 0, false, 8, &call);
  CHECK(plain >= 0 && listener_port(plain) > 0);
  CHECK(fcntl(plain, F_GETFL) & O_NONBLOCK);
  CHECK(fcntl(plain, F_GETFD) & FD_CLOEXEC);
  CHECK(option(plain, IPPROTO_TCP, TCP_NODELAY) == 1);
  CHECK(option(plain, SOL_SOCKET, SO_REUSEADDR) == 1);
  CHECK(option(plain, SOL_SOCKET, SO_REUSEPORT) == 0);
  CHECK(option(plain, SOL_SOCKET, SO_ACCEPTCONN) == 1);
  const int shared = listener_open("127.0.0.1", 0, true, 8, &call);
  const uint16_t port = static_cast<uint16_t>(listener_port(shared));
  const int second = listener_open("127.0.0.1", port, true, 8, &call);
  CHECK(second >= 0 && listener_port(second) == port);
  for (const int listener : {plain, shared, second}) close(listener);
}

CASE("listener: an IPv6 literal is IPv6 alone, no host is both families") {
  const char *call;
  const int v6 = listener_open("::", 0, false, 8, &call);
  CHECK(v6 >= 0 && option(v6, IPPROTO_IPV6, IPV6_V6ONLY) == 1);
  const uint16_t port = static_cast<uint16_t>(listener_port(v6));
  const int v4 = listener_open("0.0.0.0", port, false, 8, &call);
  CHECK(v4 >= 0);
  const int both = listener_open("", 0, false, 8, &call);
  CHECK(both >= 0 && option(both, IPPROTO_IPV6, IPV6_V6ONLY) == 0);
  for (const int listener : {v6, v4, both}) close(listener);
}

CASE("listener: names, zones, taken ports and foreign addresses are refused") {
  const char *call;
  for (const char *host : {"localhost", "1.2.3", "fe80::1%lo", "[::1]", "127.0.0.1 "})
    CHECK(listener_open(host, 0, false, 8, &call) == -EINVAL && strcmp(call, "inet_pton") == 0);
  const int taken = listener_open("127.0.0.1", 0, false, 8, &call);
  const uint16_t port = static_cast<uint16_t>(listener_port(taken));
  CHECK(listener_open("127.0.0.1", port, false, 8, &call) == -EADDRINUSE);
  CHECK(strcmp(call, "bind") == 0);
  CHECK(listener_open("192.0.2.1", 0, false, 8, &call) == -EADDRNOTAVAIL);
  CHECK(listener_port(-1) == -EBADF);
  close(taken);
}

CASE("listener: who is accepted has the listener's time for what it does not take") {
  const char *call;
  const int listener = listener_open("127.0.0.1", 0, false, 8, &call);
  CHECK(listener_user_timeout(listener, 1234) == 0);
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  CHECK(getsockname(listener, reinterpret_cast<struct sockaddr *>(&address), &length) == 0);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(connect(client, reinterpret_cast<struct sockaddr *>(&address), length) == 0);
  const int accepted = accept(listener, nullptr, nullptr);
  CHECK(accepted >= 0 && option(accepted, IPPROTO_TCP, TCP_USER_TIMEOUT) == 1234);
  CHECK(listener_user_timeout(listener, -1) == -EINVAL);
  CHECK(listener_user_timeout(-1, 1) == -EBADF);
  for (const int descriptor : {listener, client, accepted}) close(descriptor);
}

int main(int count, char **arguments) {
  return check::run_cases(count, arguments);
}
