// notice.test.ts: changes that come alone, in a burst, without an end, and not at all.
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Notice } from '../../../archiver/preview/notice.ts';

const LONG_MS = 60_000;

test('without a change the time is waited for', async () => {
  const notice = new Notice();
  const started = Date.now();
  expect(await notice.next(20)).toBeGreaterThanOrEqual(started + 15);
  expect(notice.isNew).toBe(false);
});

test('a change before or while somebody waits', async () => {
  const notice = new Notice();
  const before = Date.now();
  notice.note();
  expect(notice.isNew).toBe(true);
  const first = await notice.next(LONG_MS);
  expect(first).toBeGreaterThanOrEqual(before);
  expect(notice.isNew).toBe(false);
  setTimeout(() => notice.note(), 10);
  expect(await notice.next(LONG_MS)).toBeGreaterThan(first);
});

test('a burst is one, known by its beginning', async () => {
  const notice = new Notice();
  const waiting = notice.next(LONG_MS);
  const begun = Date.now();
  notice.note();
  const end = Date.now();
  for (let change = 0; change < 5; change++) {
    await setImmediate();
    notice.note();
  }
  const first = await waiting;
  expect(first).toBeGreaterThanOrEqual(begun);
  expect(first).toBeLessThanOrEqual(end);
  expect(notice.isNew).toBe(false);
});

test('who writes without an end is not waited for for ever', async () => {
  const notice = new Notice();
  const timer = setInterval(() => notice.note(), 1);
  const first = await notice.next(LONG_MS);
  expect(await notice.next(LONG_MS)).toBeGreaterThan(first);
  clearInterval(timer);
});
