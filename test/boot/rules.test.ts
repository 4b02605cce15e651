// rules.test.ts: ranges as aligned blocks, rows as rules.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { descriptors, flatten, from, range, rulesOf } from '../../src/boot/rules.ts';
import type { Block, Facts } from '../../src/boot/rules.ts';
import type { Row } from '../../src/boot/stages.ts';

const has = (blocks: readonly Block[], number: bigint): boolean =>
  blocks.some(({ mask, value }) => (number & mask) === value);

const NO_FACTS: Facts = {
  listeners: descriptors([6, 7]),
  'control socket': descriptors([3]),
  'ring epoll': [],
  'epolls of libuv': [],
  eventfds: [],
  connections: from(24n),
  'code range': [],
  'standard error': [],
};

test('a range has what lies in it and nothing else', () => {
  const bound = fc.bigInt({ min: 0n, max: 1n << 48n });
  const near = fc.bigInt({ min: -3n, max: 3n });
  fc.assert(
    fc.property(bound, bound, near, (one, other, by) => {
      const [from, to] = one < other ? [one, other] : [other, one];
      const blocks = range(from, to);
      for (const edge of [from, to, (from + to) / 2n]) {
        const number = edge + by < 0n ? 0n : edge + by;
        expect(has(blocks, number)).toBe(number >= from && number < to);
      }
      expect(blocks.length).toBeLessThan(100);
    }),
  );
});

test('a range is whole, and has no number with an upper half', () => {
  const blocks = range(23n, 131n);
  for (let number = 0n; number < 300n; number++) {
    expect(has(blocks, number)).toBe(number >= 23n && number < 131n);
    expect(has(blocks, number + (1n << 32n))).toBe(false);
  }
  expect(range(5n, 5n)).toEqual([]);
});

test('a descriptor is compared as the kernel reads it: 32 bits', () => {
  const [block] = descriptors([6]);
  expect(has([block!], 6n)).toBe(true);
  expect(has([block!], 6n + (1n << 32n))).toBe(true);
  expect(has([block!], 7n)).toBe(false);
});

test('values multiply into rules; ignored bits are not compared', () => {
  const row: Row = {
    call: 'futex',
    where: { 0: { fact: 'listeners' }, 1: { oneOf: { a: 128, b: 129 }, ignoring: { c: 256 } } },
    why: 'a test',
  };
  const rules = rulesOf([row], NO_FACTS);
  expect(rules).toHaveLength(4);
  const operation = rules[0]!.comparisons.find(([argument]) => argument === 1)![1];
  for (const [number, held] of [
    [128n, true],
    [384n, true],
    [129n, false],
    [0n, false],
  ] as const) {
    expect(has([operation], number)).toBe(held);
  }
});

test('negative numbers, bounds and whole words', () => {
  const row: Row = {
    call: 'mmap',
    where: {
      1: { below: 4, named: 'x' },
      2: { exactly: 8, named: '8' },
      4: { oneOf: { '-1': -1 } },
    },
    why: 'a test',
  };
  const [rule] = rulesOf([row], NO_FACTS);
  const block = (argument: number) => [rule!.comparisons.find(([at]) => at === argument)![1]];
  expect([3n, 4n, 1n << 40n].map((n) => has(block(1), n))).toEqual([true, false, false]);
  expect([8n, 9n, 8n + (1n << 32n)].map((n) => has(block(2), n))).toEqual([true, false, false]);
  expect([0xffff_ffffn, (1n << 64n) - 1n, 0n].map((n) => has(block(4), n))).toEqual([
    true,
    true,
    false,
  ]);
});

test('a row about nothing that is there allows nothing', () => {
  expect(
    rulesOf([{ call: 'write', where: { 0: { fact: 'eventfds' } }, why: 'x' }], NO_FACTS),
  ).toEqual([]);
});

test('rules become words and rows of four', () => {
  const rows: Row[] = [
    { call: 'getpid', where: {}, why: 'x' },
    { call: 'close', where: { 0: { fact: 'control socket' } }, why: 'x' },
  ];
  const [calls, numbers] = flatten(rulesOf(rows, NO_FACTS));
  expect(calls).toBe('getpid close');
  expect([...numbers]).toEqual([1n, 0n, 0xffff_ffffn, 3n]);
});
