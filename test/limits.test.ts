// limits.test.ts: relations between limits that several files rely on, and the page that states
// them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMAND } from '../src/config.ts';
import * as limits from '../src/limits.ts';
import { packageRoot } from '../src/paths.ts';
import { memoryBound, shares } from './support/bound.ts';

/** The cells of every row of every table of docs/limits.md. */
const rows = readFileSync(join(packageRoot, 'docs', 'limits.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );

const shown = (number: number): string => number.toLocaleString('en-US');

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

test('docs/limits.md has every limit and its number', () => {
  const stated = rows.flatMap(([name, , number]) => {
    const limit = /^`([A-Z_]+)`$/.exec(name!)?.[1];
    return limit === undefined ? [] : [[limit, number!.split(' ')[0]]];
  });
  const actual = Object.entries(limits).map(([name, limit]) => [name, shown(limit)]);
  expect(stated.sort()).toEqual(actual.sort());
});

test('every option that docs/limits.md names is one, with the default that it states', () => {
  const named = rows.flatMap((cells) => {
    const flag = /^`(--[a-z-]+)`$/.exec(cells[3]!)?.[1];
    return flag === undefined ? [] : [{ flag, unit: cells[2]! }];
  });
  expect(named.length).toBeGreaterThan(4);
  for (const { flag, unit } of named) {
    const option = COMMAND.options.find((known) => known.flag === flag);
    expect(option, flag).toBeDefined();
    if (unit.endsWith(' ms')) expect(shown(Number(option!.fallback)), flag).toBe(unit.slice(0, -3));
  }
});

test('docs/limits.md states the memory bound of a worker, and how it is made', () => {
  const all = shares(limits.CONNECTIONS_MAX);
  const parts = all.map(({ name, each, count }) => [
    name,
    shown(each),
    shown(count),
    shown(each * count),
  ]);
  const total = ['all', '', '', shown(memoryBound(limits.CONNECTIONS_MAX))];
  const [, ...stated] = rows.filter((cells) => cells.length === 4);
  expect(stated).toEqual([...parts, total]);
});

test('fewer connections may own less, and no more blocks than there are', () => {
  expect(memoryBound(100)).toBeLessThan(memoryBound(10_000));
  expect(memoryBound(10_000, 100)).toBeLessThan(memoryBound(10_000));
  const blocks = (name: string) => shares(60_000).find((share) => share.name === name)?.count;
  expect(blocks('carry blocks')).toBe(limits.CARRY_BLOCKS);
  expect(blocks('pending blocks')).toBe(limits.PENDING_BLOCKS);
});
