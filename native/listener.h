/* listener.h: listening sockets on literal addresses and paths, or inherited ones. No name is ever
 * resolved. */
#ifndef CDBSERVE_LISTENER_H
#define CDBSERVE_LISTENER_H

#include <stdint.h>

enum { LISTENER_PATH_BYTES_MAX = 107 };

/* A bound, listening, non-blocking, close-on-exec socket with SO_REUSEADDR and TCP_NODELAY
 * (accepted sockets inherit it), or -errno with the refused call's name in *call. host: an IPv4 or
 * IPv6 literal (IPv6 alone then), or "": every address of both families, IPv4 alone where the
 * kernel has no IPv6. -EINVAL: no literal. */
int listener_open(const char *host, uint16_t port, bool reuse_port, int backlog, const char **call);
/* The same on a path (unix(7)) of at most LISTENER_PATH_BYTES_MAX bytes, whose permissions are
 * `mode`. A socket that nobody listens on is replaced; -EADDRINUSE: somebody does; -EEXIST: what is
 * there is no socket. */
int listener_open_unix(const char *path, uint32_t mode, int backlog, const char **call);
/* Makes an inherited socket as listener_open leaves one, and writes what it is bound to:
 * 127.0.0.1:80, [::1]:80 or unix:/path. -EINVAL: it does not listen for streams; -EAFNOSUPPORT: it
 * is neither TCP nor unix(7). */
int listener_adopt(int listener, char *name, uint32_t bytes, const char **call);
/* Connections accepted from now on are reset when the peer has acknowledged nothing of what it was
 * sent, or opened no window for more, for so long; also those that are closed by then, whose
 * unsent bytes the kernel would hold for minutes (tcp(7): TCP_USER_TIMEOUT). 0 or -errno. */
int listener_user_timeout(int listener, int timeout_ms);
/* The port (host order) a TCP socket is bound to, or -errno. */
int listener_port(int listener);
/* Connections that wait to be accepted (tcp(7): TCP_INFO, tcpi_unacked of a listener), or
 * -errno. */
int listener_queue(int listener);
/* The next connection, non-blocking and close-on-exec, or -errno. */
int listener_accept(int listener);
/* Refuses new connections from now on, in every process that holds the socket; who still waits in
 * its queue is reset. 0 or -errno. */
int listener_shut(int listener);

#endif
