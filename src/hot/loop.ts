// loop.ts: the worker's life after boot: one native call a turn, then one answer for each row.
import { writeDate } from './date.ts';
import { decide, refuse } from './decide.ts';
import { health, LEAVING } from './health.ts';
import { parse } from './parse.ts';
import * as R from './request.ts';
import { note, noteRequest } from './note.ts';
import { hasRoom, pushConsumed, pushFinish, startConnection, takeRows } from './outbox.ts';
import { PARTS_PER_ANSWER_MAX, SCRATCH_PER_ANSWER_MAX } from './respond.ts';
import * as ring from './ring.ts';

const { events } = ring;
const { request } = R;

/**
 * What an order over the control socket does; answers true to end the loop. Bytes: boot/orders.ts.
 */
export type Control = (order: number) => boolean;

/** Serves until an order ends it or, when draining, the last connection is gone. */
export function run(control: Control): void {
  for (;;) {
    const count = ring.turn(takeRows());
    for (let row = 0; row < count; row++) {
      if (handle(row * ring.EVENT_FIELDS, control)) return;
    }
  }
}

/** One event; true when the loop must end. */
export function handle(row: number, control: Control): boolean {
  const connection = events[row + ring.EVENT_CONNECTION]!;
  const offset = events[row + ring.EVENT_OFFSET]!;
  const length = events[row + ring.EVENT_LENGTH]!;
  switch (events[row + ring.EVENT_KIND]) {
    case ring.DATA:
      receive(connection, offset, length);
      return false;
    case ring.OPENED:
      R.forget(connection & ring.NUMBER_MASK);
      return false;
    case ring.TICK:
      writeDate(offset, length);
      return false;
    case ring.EXPIRED:
      dismiss(connection, 408);
      return false;
    case ring.REFUSED:
      R.forget(connection & ring.NUMBER_MASK);
      dismiss(connection, 503);
      return false;
    case ring.HALF_CLOSED:
      startConnection(connection);
      pushFinish();
      return false;
    case ring.CONTROL:
      return control(offset);
    case ring.DRAINED:
      return true;
  }
  return false;
}

/** Answers every whole request of the range, as far as one sendmsg holds the answers. */
function receive(connection: number, offset: number, length: number): void {
  const number = connection & ring.NUMBER_MASK;
  const end = offset + length;
  let at = offset;
  startConnection(connection);
  for (;;) {
    const used = parse(number, at, end);
    if (used === R.NEED_MORE) return pushConsumed(at - offset, 0);
    if (used < 0) refuse(used);
    else if (!answer(at)) return pushConsumed(at - offset, ring.AGAIN);
    noteRequest(at, end);
    if (request[R.CLOSING] === 1) {
      pushConsumed(length, 0);
      return pushFinish();
    }
    at += used;
    if (at === end) return pushConsumed(length, 0);
    if (!hasRoom(PARTS_PER_ANSWER_MAX, SCRATCH_PER_ANSWER_MAX))
      return pushConsumed(at - offset, ring.AGAIN);
  }
}

/** False: there is no room for this answer in this turn; the request must come again. */
function answer(at: number): boolean {
  request[R.CLOSING] = health[LEAVING]!;
  return decide(at);
}

/** An unfinished request (without body to a HEAD) or an unwanted connection: a refusal, the end. */
function dismiss(connection: number, status: number): void {
  R.resume(connection & ring.NUMBER_MASK);
  startConnection(connection);
  refuse(-status);
  note();
  pushFinish();
}
