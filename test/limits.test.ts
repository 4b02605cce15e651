// limits.test.ts: relations between limits that several files rely on, and the page that states
// them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMAND } from '../src/config.ts';
import { LIMITS } from '../src/limit_options.ts';
import * as limits from '../src/limits.ts';
import { packageRoot } from '../src/paths.ts';
import { memoryBound, shares } from './support/bound.ts';
import { limitsPage, RANGES, ROWS } from './support/limits_page.ts';

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
  const notes = (limits.PARTS_MAX / 2) * (1 + limits.NOTE_TEXTS);
  expect(limits.PARTS_MAX + notes + 2).toBeLessThanOrEqual(limits.OUTBOX_ROWS);
  const scratch = limits.SCRATCH_STATIC_BYTES + limits.SCRATCH_PARTS_BYTES_MAX;
  expect(scratch).toBeLessThan(limits.SCRATCH_BYTES);
  expect(limits.INPUT_BYTES_MAX + 1).toBeLessThan(limits.INBOX_BYTES);
});

test('time-outs are in order', () => {
  expect(limits.ACCEPT_PAUSE_MS).toBeLessThan(limits.LINGER_SILENCE_MS);
  expect(limits.LINGER_SILENCE_MS).toBeLessThan(limits.LINGER_TOTAL_MS);
  expect(limits.HEADER_TIMEOUT_MS).toBeLessThan(limits.IDLE_TIMEOUT_MS);
});

test('docs/limits.md says so', async () => {
  await expect(limitsPage()).toMatchFileSnapshot(join(packageRoot, 'docs', 'limits.md'));
});

test('every number is a row of it, or an end of the range of an option', () => {
  const named = ROWS.map(({ limit }) => limit).filter((limit) => !limit.startsWith('--'));
  expect([...named, ...RANGES].sort()).toEqual(Object.keys(limits).sort());
  const ends = new Set(LIMITS.flatMap(({ least, most }) => [least, most]));
  expect(RANGES.filter((name) => !ends.has(limits[name]))).toEqual([]);
});

test('every option that changes a limit is in a row, and every row has an option that is one', () => {
  const flags = ROWS.flatMap(({ option }) => option ?? []);
  const known = COMMAND.options.map(({ flag }) => flag);
  expect(LIMITS.map(({ flag }) => flag).filter((flag) => !flags.includes(flag as never))).toEqual(
    [],
  );
  expect(flags.filter((flag) => !known.includes(flag))).toEqual([]);
});

test.each(ROWS)('what goes up to $limit and past is tested', ({ test: [file, title] }) => {
  expect(readFileSync(join(packageRoot, file), 'utf8')).toContain(title);
});

test('fewer connections may own less, and no more blocks than there are', () => {
  expect(memoryBound(100)).toBeLessThan(memoryBound(10_000));
  expect(memoryBound(10_000, 100)).toBeLessThan(memoryBound(10_000));
  const blocks = (name: string) => shares(60_000).find((share) => share.name === name)?.count;
  expect(blocks('carry blocks')).toBe(limits.CARRY_BLOCKS);
  expect(blocks('pending blocks')).toBe(limits.PENDING_BLOCKS);
});
