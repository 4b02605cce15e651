// date.test.ts: the Date of every trailer against the platform's own calendar.
import { expect, test } from 'vitest';
import { writeCanned } from '../../src/boot/canned.ts';
import { DATE_TEMPLATE, writeDate } from '../../src/hot/date.ts';
import { TRAILERS, TRAILERS_AT, TRAILER_ROOM, trailerBytes } from '../../src/hot/outbox.ts';
import { scratch } from '../../src/hot/ring.ts';

const DAY_MS = 86_400_000;
writeCanned();

const trailers = (): string[] =>
  Array.from({ length: TRAILERS }, (_, trailer) => {
    const at = TRAILERS_AT + trailer * TRAILER_ROOM;
    return Buffer.from(scratch.subarray(at, at + trailerBytes[trailer]!)).toString('latin1');
  });

function dateOf(days: number, second: number): string {
  writeDate(days, second);
  return /Date: (.*)\r\n\r\n$/.exec(trailers()[0]!)![1]!;
}

/** Those that differ from what the platform says: one assertion for many, since each takes time. */
function wrong(times: readonly number[]): string[] {
  return times.flatMap((seconds) => {
    const day = Math.floor(seconds / 86_400);
    const written = dateOf(day, seconds - day * 86_400);
    return written === new Date(seconds * 1000).toUTCString() ? [] : [`${seconds}: ${written}`];
  });
}

test('every day from 1970 to 2110', () => {
  const days = Date.UTC(2110, 0, 1) / DAY_MS;
  expect(
    wrong(Array.from({ length: days }, (_, n) => n * 86_400 + ((n * 7_919) % 86_400))),
  ).toEqual([]);
});

test.each(['1970-01-01', '2000-02-29', '2000-03-01', '2100-02-28', '2100-03-01', '2400-02-29'])(
  'the day %s',
  (text) => {
    expect(dateOf(Date.parse(text) / DAY_MS, 0)).toBe(new Date(text).toUTCString());
  },
);

test('days at the turns of every year to 9999', () => {
  const turns = [
    [0, 1],
    [1, 28],
    [2, 1],
    [11, 31],
  ] as const;
  const years = Array.from({ length: 10_000 - 1_970 }, (_, n) => n + 1_970);
  const ends = years.flatMap((year) =>
    turns.map(([month, day]) => Date.UTC(year, month, day) / 1000 + 86_399),
  );
  expect(wrong(ends)).toEqual([]);
  expect(dateOf((ends.at(-1)! / 86_400) | 0, 86_399)).toBe('Fri, 31 Dec 9999 23:59:59 GMT');
});

test('seconds of a day, every minute among them', () => {
  const seconds = Array.from({ length: 86_400 / 5 }, (_, n) => 9_075 * 86_400 + n * 5 + (n % 5));
  expect(wrong(seconds)).toEqual([]);
});

test('all trailers get it, and nothing else of them changes', () => {
  writeDate(0, 0);
  const date = `Date: ${DATE_TEMPLATE}\r\n\r\n`;
  expect(trailers()).toEqual([
    date,
    `Connection: close\r\n${date}`,
    `Connection: keep-alive\r\n${date}`,
  ]);
});
