// service.c: a table of slots, and one poll(2) over the control socket and every worker.
#include "service.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "namespaces.h"
#include "request.h"
#include "worker.h"

struct slot {
  pid_t pid; /* 0: free */
  int pidfd;
};

struct service {
  const struct plan *plan;
  int control;
  bool ended;
  struct namespaces namespaces;
  struct slot slots[SLOTS];
  struct inbox inbox;
};

static void answer(struct service *service, const struct reply *reply) {
  ssize_t sent;
  do sent = send(service->control, reply, sizeof *reply, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent != (ssize_t)sizeof *reply) service->ended = true;
}

static struct reply reply_of(enum reply_kind kind, int slot) {
  struct reply reply = {.kind = kind, .slot = slot, .step = -1};
  for (int step = 0; step < STEPS; step++) reply.results[step] = STEP_NOT_ASKED;
  return reply;
}

static void refuse(struct service *service, uint32_t slot, int error) {
  struct reply reply = reply_of(REPLY_FAILED, slot < SLOTS ? (int)slot : -1);
  reply.step = STEP_REQUEST;
  reply.results[STEP_REQUEST] = error;
  answer(service, &reply);
}

static void start(struct service *service, const struct inbox *inbox) {
  const int number = (int)inbox->request.slot;
  struct birth birth = {.role = inbox->request.role,
                        .descriptors = inbox->descriptors,
                        .descriptors_count = inbox->descriptors_count};
  const bool running = worker_start(service->plan, &service->namespaces, &birth);
  struct reply reply = reply_of(running ? REPLY_STARTED : REPLY_FAILED, number);
  reply.step = birth.report.step;
  memcpy(reply.results, birth.report.results, sizeof reply.results);
  if (running) {
    service->slots[number] = (struct slot){birth.pid, birth.pidfd};
    reply.pid = birth.pid;
  }
  answer(service, &reply);
}

static void obey(struct service *service) {
  const struct inbox *inbox = &service->inbox;
  const struct request *request = &inbox->request;
  const int fault = inbox_check(inbox, service->plan->inherited);
  if (fault != 0) return refuse(service, request->slot, fault);
  struct slot *slot = &service->slots[request->slot];
  if (request->kind == REQUEST_START && slot->pid != 0)
    return refuse(service, request->slot, EBUSY);
  if (request->kind == REQUEST_START) return start(service, inbox);
  // Nobody there: it has ended meanwhile, and that is being told.
  if (slot->pid != 0) kill(slot->pid, SIGKILL);
}

static void bury(struct service *service, int number) {
  struct slot *slot = &service->slots[number];
  int status;
  if (waitpid(slot->pid, &status, WNOHANG) != slot->pid) return;
  struct reply reply = reply_of(REPLY_EXITED, number);
  reply.pid = slot->pid;
  reply.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  reply.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  close(slot->pidfd);
  *slot = (struct slot){0, -1};
  answer(service, &reply);
}

static void receive(struct service *service) {
  const enum inbox_state state = inbox_receive(&service->inbox, service->control);
  if (state == INBOX_PARTIAL) return;
  if (state == INBOX_ENDED) service->ended = true;
  else obey(service);
  inbox_clear(&service->inbox);
}

/* The last entry is the control socket; a free slot's descriptor is negative and passed over. */
static void turn(struct service *service) {
  struct pollfd waits[SLOTS + 1];
  for (int i = 0; i < SLOTS; i++) {
    const struct slot *slot = &service->slots[i];
    waits[i] = (struct pollfd){.fd = slot->pid == 0 ? -1 : slot->pidfd, .events = POLLIN};
  }
  waits[SLOTS] = (struct pollfd){.fd = service->control, .events = POLLIN};
  if (poll(waits, SLOTS + 1, -1) < 0) return;
  for (int i = 0; i < SLOTS; i++)
    if (waits[i].revents != 0) bury(service, i);
  if (waits[SLOTS].revents != 0) receive(service);
}

static void hello(struct service *service, int unfiltered) {
  struct reply reply = reply_of(REPLY_HELLO, SLOTS);
  reply.pid = REQUEST_BYTES;
  reply.code = STEPS;
  reply.signal = unfiltered;
  answer(service, &reply);
}

void service_run(const struct plan *plan, int control, int unfiltered) {
  static struct service service;
  service.plan = plan;
  service.control = control;
  namespaces_open(&service.namespaces, plan->mode != MODE_OFF, plan->privileged);
  hello(&service, unfiltered);
  if (unfiltered != 0) return;
  while (!service.ended) turn(&service);
  for (int i = 0; i < SLOTS; i++)
    if (service.slots[i].pid != 0) kill(service.slots[i].pid, SIGKILL);
}
