/* floor.c: the least a server can do: one fixed writev for each recv, nothing parsed.
 *
 * floor PORT HEAD BODY ANSWERS CLOSES: listens on 127.0.0.1:PORT and answers every recv with the
 * bytes of the files HEAD and BODY, ANSWERS times over (pipelining); CLOSES 1: closes then.
 * One thread, epoll.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 65536, EVENTS_MAX = 256, INPUT_BYTES = 65536, ANSWERS_MAX = 256 };

struct answer {
  char *whole; /* all repetitions in a row, for what a first writev left over */
  size_t bytes;
  struct iovec parts[2 * ANSWERS_MAX];
  int part_count;
  int closes;
};

static size_t sent[CONNECTIONS_MAX]; /* of an answer under way, by descriptor; 0: none */
static char input[INPUT_BYTES];

static void die(const char *what) {
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  exit(1);
}

static char *read_file(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END) != 0) die(path);
  long length = ftell(file);
  char *content = malloc((size_t)length + 1);
  if (length < 0 || !content || fseek(file, 0, SEEK_SET) != 0) die(path);
  *bytes = fread(content, 1, (size_t)length, file);
  fclose(file);
  return content;
}

static void prepare(struct answer *answer, char **argv) {
  size_t head_bytes, body_bytes;
  char *head = read_file(argv[2], &head_bytes);
  char *body = read_file(argv[3], &body_bytes);
  int count = atoi(argv[4]);
  if (count < 1 || count > ANSWERS_MAX) {
    errno = ERANGE;
    die("ANSWERS");
  }
  answer->closes = atoi(argv[5]);
  answer->bytes = (head_bytes + body_bytes) * (size_t)count;
  answer->whole = malloc(answer->bytes + 1);
  if (!answer->whole) die("malloc");
  char *to = answer->whole;
  for (int i = 0; i < count; i++) {
    answer->parts[answer->part_count++] = (struct iovec){head, head_bytes};
    if (body_bytes) answer->parts[answer->part_count++] = (struct iovec){body, body_bytes};
    to = (char *)mempcpy(to, head, head_bytes);
    to = (char *)mempcpy(to, body, body_bytes);
  }
}

static int open_listener(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (listener < 0) die("socket");
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* inherited by what it accepts */
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) die("bind");
  if (listen(listener, 4096) != 0) die("listen");
  return listener;
}

static void watch(int poll, int operation, int descriptor, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = descriptor};
  if (epoll_ctl(poll, operation, descriptor, &event) != 0) die("epoll_ctl");
}

static void accept_one(int poll, int listener) {
  int connection = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (connection < 0) return;
  if (connection >= CONNECTIONS_MAX) {
    close(connection);
    return;
  }
  sent[connection] = 0;
  watch(poll, EPOLL_CTL_ADD, connection, EPOLLIN);
}

/* After a write of `written` bytes (-1: failed), with `before` of the answer already gone. */
static void settle(int poll, const struct answer *answer, int connection, size_t before,
                   ssize_t written) {
  if (written < 0 && errno != EAGAIN) {
    close(connection);
    return;
  }
  size_t total = before + (written > 0 ? (size_t)written : 0);
  if (total == answer->bytes) {
    if (answer->closes) {
      close(connection);
      return;
    }
    if (sent[connection]) watch(poll, EPOLL_CTL_MOD, connection, EPOLLIN);
    sent[connection] = 0;
    return;
  }
  /* One byte more than is gone, so that 0 goes on meaning none. */
  if (!sent[connection]) watch(poll, EPOLL_CTL_MOD, connection, EPOLLOUT);
  sent[connection] = total + 1;
}

static void serve(int poll, const struct answer *answer, int connection) {
  if (sent[connection]) {
    size_t gone = sent[connection] - 1;
    ssize_t written = send(connection, answer->whole + gone, answer->bytes - gone, MSG_NOSIGNAL);
    settle(poll, answer, connection, gone, written);
    return;
  }
  ssize_t received = recv(connection, input, sizeof input, 0);
  if (received < 0 && errno == EAGAIN) return;
  if (received <= 0) {
    close(connection);
    return;
  }
  settle(poll, answer, connection, 0, writev(connection, answer->parts, answer->part_count));
}

int main(int argc, char **argv) {
  static struct answer answer;
  struct epoll_event events[EVENTS_MAX];
  if (argc != 6) {
    fputs("usage: floor PORT HEAD BODY ANSWERS CLOSES\n", stderr);
    return 2;
  }
  prepare(&answer, argv);
  int listener = open_listener(atoi(argv[1]));
  int poll = epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0) die("epoll_create1");
  watch(poll, EPOLL_CTL_ADD, listener, EPOLLIN);
  for (;;) {
    int count = epoll_wait(poll, events, EVENTS_MAX, -1);
    for (int i = 0; i < count; i++) {
      if (events[i].data.fd == listener) accept_one(poll, listener);
      else serve(poll, &answer, events[i].data.fd);
    }
  }
}
