// date.test.ts: the Date of every trailer against the platform's own calendar.
import { expect, test } from 'vitest';
import { writeCanned } from '../../src/boot/canned.ts';
import { DATE_TEMPLATE, writeDate } from '../../src/hot/date.ts';
import { TRAILERS, TRAILERS_AT, TRAILER_ROOM, trailerBytes } from '../../src/hot/respond.ts';
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

test('every day from 1970 to 2110', () => {
  for (let day = 0; day * DAY_MS < Date.UTC(2110, 0, 1); day++) {
    const second = (day * 7_919) % 86_400;
    expect(dateOf(day, second)).toBe(new Date(day * DAY_MS + second * 1000).toUTCString());
  }
});

test.each(['1970-01-01', '2000-02-29', '2000-03-01', '2100-02-28', '2100-03-01', '2400-02-29'])(
  'the day %s',
  (text) => {
    const day = Date.parse(text) / DAY_MS;
    expect(dateOf(day, 0)).toBe(new Date(text).toUTCString());
  },
);

test('the first and last days of every year to 9999', () => {
  for (let year = 1970; year <= 9999; year++) {
    for (const [month, day] of [[0, 1], [1, 28], [2, 1], [11, 31]] as const) {
      const time = Date.UTC(year, month, day);
      expect(dateOf(time / DAY_MS, 86_399)).toBe(new Date(time + 86_399_000).toUTCString());
    }
  }
});

test('every second of a day', () => {
  for (let second = 0; second < 86_400; second++) {
    expect(dateOf(9_075, second)).toBe(new Date(9_075 * DAY_MS + second * 1000).toUTCString());
  }
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
