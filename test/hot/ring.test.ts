// ring.test.ts: the numbers of native/ring.h, read from its text, and the calls that pass through.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as ring from '../../src/hot/ring.ts';
import * as limits from '../../src/limits.ts';
import { packageRoot } from '../../src/paths.ts';

const header = readFileSync(join(packageRoot, 'native', 'ring.h'), 'utf8');

/** Names of an enum in order, with the numbers C gives them. */
function numbersOf(name: string): Record<string, number> {
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(header)![1]!;
  const names = body.replaceAll(/\/\*.*?\*\//gs, '').matchAll(/RING_(\w+)(?:\s*=\s*(\d+))?/g);
  let next = 0;
  const numbers: Record<string, number> = {};
  for (const [, word, number] of names) {
    if (number !== undefined) next = Number(number);
    numbers[word!] = next++;
  }
  return numbers;
}

test('event fields and kinds', () => {
  const { OPENED, DATA, HALF_CLOSED, CLOSED, EXPIRED, REFUSED, DRAINED, CONTROL, TICK } = ring;
  const { EVENT_CONNECTION, EVENT_KIND, EVENT_OFFSET, EVENT_LENGTH, EVENT_FIELDS } = ring;
  const fields = { EVENT_CONNECTION, EVENT_KIND, EVENT_OFFSET, EVENT_LENGTH, EVENT_FIELDS };
  const kinds = { OPENED, DATA, HALF_CLOSED, CLOSED, EXPIRED, REFUSED, DRAINED, CONTROL, TICK };
  expect(numbersOf('ring_event_field')).toEqual(fields);
  expect(numbersOf('ring_event_kind')).toEqual(kinds);
});

test('outbox fields and operations', () => {
  const { SEND_ARCHIVE, SEND_SCRATCH, CONSUMED, FINISH, NOTE, TEXT } = ring;
  expect(numbersOf('ring_op')).toEqual({
    SEND_ARCHIVE,
    SEND_SCRATCH,
    CONSUMED,
    FINISH,
    NOTE,
    TEXT,
  });
  expect(numbersOf('ring_outbox_field')['OUTBOX_FIELDS']).toBe(ring.OUTBOX_FIELDS);
});

test.each([
  ['AGAIN', ring.AGAIN],
  ['NUMBER_BITS', Math.log2(ring.NUMBER_MASK + 1)],
  ['CONNECTIONS_MAX', limits.CONNECTIONS_MAX],
  ['PARTS_MAX', limits.PARTS_MAX],
  ['PEER_BYTES', limits.PEER_BYTES],
])('RING_%s is %d', (name, number) => {
  const text = new RegExp(`#define RING_${name} (\\d+)u?\\n`).exec(header)![1];
  expect(Number(text)).toBe(number);
});

test('tables have the sizes of the limits', () => {
  expect(ring.inbox).toHaveLength(limits.INBOX_BYTES);
  expect(ring.events).toHaveLength(limits.EVENT_ROWS * ring.EVENT_FIELDS);
  expect(ring.outbox).toHaveLength(limits.OUTBOX_ROWS * ring.OUTBOX_FIELDS);
  expect(ring.scratch).toHaveLength(limits.SCRATCH_BYTES);
});

test('an offset above 2 GiB keeps its bits', () => {
  ring.outbox[2] = 0xc000_0001 | 0;
  expect(new Uint32Array(ring.outbox.buffer)[2]).toBe(0xc000_0001);
});

test('before a ring is open a turn brings nothing; then calls pass through', () => {
  expect(ring.turn(3)).toBe(0);
  const calls: (readonly [string, number])[] = [];
  ring.openRing({
    turn: (rows) => calls.push(['turn', rows]),
    flush: (rows) => void calls.push(['flush', rows]),
  });
  expect(ring.turn(3)).toBe(1);
  ring.flush(4);
  expect(calls).toEqual([
    ['turn', 3],
    ['flush', 4],
  ]);
});
