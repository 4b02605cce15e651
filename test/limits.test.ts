// limits.test.ts: relations between limits that several files rely on.
import { expect, test } from 'vitest';
import * as limits from '../src/limits.ts';

test('every limit is a whole number above zero that V8 keeps unboxed', () => {
  for (const [name, limit] of Object.entries(limits)) {
    expect([name, Number.isInteger(limit) && limit > 0 && limit < 2 ** 31]).toEqual([name, true]);
  }
});

test('the largest head fits what one connection may have: empty line, line, section, end', () => {
  const { HEADER_SECTION_BYTES_MAX, INPUT_BYTES_MAX, REQUEST_LINE_BYTES_MAX } = limits;
  const largest = 2 + REQUEST_LINE_BYTES_MAX + 2 + HEADER_SECTION_BYTES_MAX + 2;
  expect(largest).toBeLessThanOrEqual(INPUT_BYTES_MAX);
});

test('a redirect with the longest query fits the scratch of one connection', () => {
  expect(3 * limits.REQUEST_LINE_BYTES_MAX).toBeLessThan(limits.SCRATCH_PARTS_BYTES_MAX);
});

test('one connection always fits the outbox, the scratch and the inbox', () => {
  expect(limits.PARTS_MAX + 2).toBeLessThan(limits.OUTBOX_ROWS);
  const scratch = limits.SCRATCH_STATIC_BYTES + limits.SCRATCH_PARTS_BYTES_MAX;
  expect(scratch).toBeLessThan(limits.SCRATCH_BYTES);
  expect(limits.INPUT_BYTES_MAX + 1).toBeLessThan(limits.INBOX_BYTES);
});

test('time-outs are in order', () => {
  expect(limits.ACCEPT_PAUSE_MS).toBeLessThan(limits.LINGER_SILENCE_MS);
  expect(limits.LINGER_SILENCE_MS).toBeLessThan(limits.LINGER_TOTAL_MS);
  expect(limits.HEADER_TIMEOUT_MS).toBeLessThan(limits.IDLE_TIMEOUT_MS);
});
