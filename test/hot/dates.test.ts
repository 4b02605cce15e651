// dates.test.ts: HTTP-dates against the platform's calendar and plain expressions of the grammar.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeDate } from '../../src/hot/date.ts';
import { date, DATE_DAYS, DATE_SECOND, readHttpDate } from '../../src/hot/dates.ts';
import { inbox } from '../../src/hot/ring.ts';

const FULL = process.env['CDBSERVE_FULL'] === '1';
const DAY = 86_400;
const DAY_MS = 86_400_000;
const AT = 40;
const SHORT = 'Mon|Tue|Wed|Thu|Fri|Sat|Sun';
const LONG = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

type Read = readonly [days: number, second: number] | undefined;

function read(text: string): Read {
  inbox.fill(0x20, 0, AT + text.length + 64);
  inbox.set(Buffer.from(text, 'latin1'), AT);
  inbox[AT + text.length] = 0x0d;
  return readHttpDate(AT, AT + text.length) ? [date[DATE_DAYS]!, date[DATE_SECOND]!] : undefined;
}

/** Days since 1970-01-01, or undefined where the month has no such day. */
function daysOf(year: number, month: number, day: number): number | undefined {
  const time = new Date(0);
  time.setUTCFullYear(year, month, day);
  const same = time.getUTCMonth() === month && time.getUTCDate() === day;
  return same ? time.getTime() / DAY_MS : undefined;
}

function setNow(text: string): Date {
  const time = new Date(text);
  const days = Math.floor(time.getTime() / DAY_MS);
  writeDate(days, time.getTime() / 1_000 - days * DAY);
  return time;
}

const TIME = '(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)';
const MONTH = `(?<month>${MONTHS.join('|')})`;
const FORMS = [
  new RegExp(`^(?:${SHORT}), (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^(?:${LONG.join('|')}), (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT$`),
  new RegExp(`^(?:${SHORT}) ${MONTH} (?<day>\\d\\d| \\d) ${TIME} (?<year>\\d{4})$`),
];

function reference(text: string, now: Date): Read {
  const groups = FORMS.map((form) => form.exec(text)?.groups).find((found) => found !== undefined);
  if (groups === undefined) return undefined;
  const [hour, minute, second] = [groups['hour'], groups['minute'], groups['second']].map(Number);
  const time = hour! * 3_600 + minute! * 60 + second!;
  const month = MONTHS.indexOf(groups['month']!);
  const day = Number(groups['day']);
  let year = Number(groups['year']);
  if (groups['year']!.length === 2) {
    year += now.getUTCFullYear() - (now.getUTCFullYear() % 100);
    const clock = (now.getTime() / 1_000) % DAY;
    const today = [now.getUTCFullYear() + 50, now.getUTCMonth(), now.getUTCDate(), clock];
    if (isLater([year, month, day, time], today)) year -= 100;
  }
  const days = daysOf(year, month, day);
  return days === undefined ? undefined : [days, time];
}

function isLater(left: readonly number[], right: readonly number[]): boolean {
  const at = left.findIndex((number, index) => number !== right[index]);
  return at >= 0 && left[at]! > right[at]!;
}

const two = (number: number): string => `${number}`.padStart(2, '0');
const clock = (second: number): string =>
  [Math.floor(second / 3_600), Math.floor(second / 60) % 60, second % 60].map(two).join(':');

/** The three forms of one time. */
function formsOf(time: Date): readonly [imf: string, rfc850: string, asctime: string] {
  const name = LONG[time.getUTCDay()]!;
  const day = time.getUTCDate();
  const month = MONTHS[time.getUTCMonth()]!;
  const year = `${time.getUTCFullYear()}`.padStart(4, '0');
  const at = clock((((time.getTime() / 1_000) % DAY) + DAY) % DAY);
  return [
    `${name.slice(0, 3)}, ${two(day)} ${month} ${year} ${at} GMT`,
    `${name}, ${two(day)}-${month}-${year.slice(2)} ${at} GMT`,
    `${name.slice(0, 3)} ${month} ${`${day}`.padStart(2)} ${at} ${year}`,
  ];
}

test('the three forms of RFC 9110 5.6.7', () => {
  setNow('1994-11-06T08:49:37Z');
  const wanted = [9_075, 8 * 3_600 + 49 * 60 + 37];
  const forms = formsOf(new Date('1994-11-06T08:49:37Z'));
  expect(forms).toEqual([
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
  ]);
  for (const form of forms) expect(read(form)).toEqual(wanted);
});

test('every day of 1800 to 2200, and the platform agrees', () => {
  const wrong: string[] = [];
  for (let days = daysOf(1_800, 0, 1)!; days < daysOf(2_200, 0, 1)!; days++) {
    const second = Math.abs(days * 7_919) % DAY;
    const text = new Date(days * DAY_MS + second * 1_000).toUTCString();
    const [readDays, readSecond] = read(text) ?? [];
    if (readDays !== days || readSecond !== second) wrong.push(text);
    if (days % 97 === 0 && Date.parse(text) !== (days * DAY + second) * 1_000) wrong.push(text);
  }
  expect(wrong).toEqual([]);
});

test.each([
  ['Thu, 29 Feb 1900 00:00:00 GMT', undefined],
  ['Tue, 29 Feb 2000 00:00:00 GMT', 11_016],
  ['Mon, 29 Feb 2100 00:00:00 GMT', undefined],
  ['Mon, 29 Feb 2016 00:00:00 GMT', 16_860],
  ['Mon, 29 Feb 2015 00:00:00 GMT', undefined],
  ['Mon, 30 Feb 2000 00:00:00 GMT', undefined],
  ['Mon, 31 Apr 2015 00:00:00 GMT', undefined],
  ['Mon, 00 Apr 2015 00:00:00 GMT', undefined],
  ['Sat, 01 Jan 0000 00:00:00 GMT', -719_528],
  ['Fri, 31 Dec 9999 00:00:00 GMT', 2_932_896],
])('%s is day %s', (text, days) => {
  expect(read(text)?.[0]).toBe(days);
  expect(reference(text, new Date())?.[0]).toBe(days);
});

test.each([
  ['Sun, 06 Nov 1994 23:59:60 GMT', DAY],
  ['Sun, 06 Nov 1994 00:00:60 GMT', 60],
  ['Sun, 06 Nov 1994 00:00:61 GMT', undefined],
  ['Sun, 06 Nov 1994 00:60:00 GMT', undefined],
  ['Sun, 06 Nov 1994 24:00:00 GMT', undefined],
  ['Sun Nov 06 00:00:01 1994', 1],
  ['Sun Nov  6 00:00:60 1994', 60],
  ['Sunday, 06-Nov-94 00:00:60 GMT', 60],
  ['Sat, 06 Nov 1994 00:00:02 GMT', 2],
  ['Wednesday, 06-Nov-94 00:00:03 GMT', 3],
])('%s is second %s', (text, second) => {
  expect(read(text)?.[1]).toBe(second);
});

test.each([
  [''],
  [' '],
  ['0'],
  ['GMT'],
  ['Sunday'],
  [', 06-Nov-94 08:49:37 GMT'],
  ['Sun, 06-Nov-94 08:49:37 GMT'],
  ['sun, 06 Nov 1994 08:49:37 GMT'],
  ['Sun, 06 nov 1994 08:49:37 GMT'],
  ['Sun, 06 NOV 1994 08:49:37 GMT'],
  ['Sun, 06 Nov 1994 08:49:37 gmt'],
  ['Sun, 06 Nov 1994 08:49:37 UTC'],
  ['Sun, 06 Nov 1994 08:49:37 +0000'],
  ['Sun, 06 Nov 1994 08:49:37'],
  ['Sun, 06 Nov 1994 08.49.37 GMT'],
  ['Sun, 6 Nov 1994 08:49:37 GMT'],
  ['Sun,  6 Nov 1994 08:49:37 GMT'],
  ['Sun, 06\tNov 1994 08:49:37 GMT'],
  ['Sun Nov 6 08:49:37 1994'],
  ['Sun Nov 6  08:49:37 1994'],
  ['Sun, 06 Nov -994 08:49:37 GMT'],
  ['Sunday, 06-Nov-1994 08:49:37 GMT'],
  ['SUNDAY, 06-Nov-94 08:49:37 GMT'],
  ['Someday, 06-Nov-94 08:49:37 GMT'],
  ['1994-11-06T08:49:37Z'],
  ['784111777'],
])('%j is no date', (text) => {
  expect(read(text)).toBeUndefined();
  expect(reference(text, new Date())).toBeUndefined();
});

/** Now, a date of two digits, the year it is in. */
test.each([
  ['2026-03-01T12:00:00Z', 'Sunday, 01-Mar-76 12:00:00 GMT', 2_076],
  ['2026-03-01T12:00:00Z', 'Sunday, 01-Mar-76 12:00:01 GMT', 1_976],
  ['2026-03-01T12:00:00Z', 'Sunday, 02-Mar-76 00:00:00 GMT', 1_976],
  ['2026-03-01T12:00:00Z', 'Sunday, 29-Feb-76 23:00:00 GMT', 2_076],
  ['2026-02-28T12:00:00Z', 'Sunday, 29-Feb-76 00:00:00 GMT', 1_976],
  ['2024-02-29T12:00:00Z', 'Sunday, 28-Feb-74 13:00:00 GMT', 2_074],
  ['2024-02-29T12:00:00Z', 'Sunday, 01-Mar-74 00:00:00 GMT', 1_974],
  ['2026-12-31T23:59:59Z', 'Sunday, 31-Dec-76 23:59:60 GMT', 1_976],
  ['2026-12-31T23:59:59Z', 'Sunday, 31-Dec-76 23:59:59 GMT', 2_076],
  ['2026-12-31T23:59:59Z', 'Sunday, 01-Jan-77 00:00:00 GMT', 1_977],
  ['2026-01-01T00:00:00Z', 'Sunday, 01-Jan-00 00:00:00 GMT', 2_000],
  ['2026-01-01T00:00:00Z', 'Sunday, 01-Jan-99 00:00:00 GMT', 1_999],
  ['1999-12-31T23:59:59Z', 'Sunday, 01-Jan-00 00:00:00 GMT', 1_900],
  ['1994-11-06T08:49:37Z', 'Sunday, 31-Dec-99 00:00:00 GMT', 1_999],
  ['2050-06-01T00:00:00Z', 'Sunday, 31-Dec-99 00:00:00 GMT', 2_099],
  ['2100-06-01T00:00:00Z', 'Sunday, 29-Feb-00 00:00:00 GMT', undefined],
  ['2100-06-01T00:00:00Z', 'Sunday, 29-Feb-04 00:00:00 GMT', 2_104],
])('at %s, %s is in %s', (now, text, year) => {
  const time = setNow(now);
  const days = read(text)?.[0];
  expect(days === undefined ? days : new Date(days * DAY_MS).getUTCFullYear()).toBe(year);
  expect(reference(text, time)?.[0]).toBe(days);
});

const FIRST_SECOND = daysOf(1_971, 0, 1)! * DAY;
const LAST_SECOND = daysOf(2_205, 0, 1)! * DAY;

test('two digits mean the year that the plain implementation finds, at any time', () => {
  const near = fc.integer({ min: -3 * DAY, max: 3 * DAY });
  const halfCentury = fc.constantFrom(0, 0, 50, -50, 49, 51);
  fc.assert(
    fc.property(
      fc.integer({ min: FIRST_SECOND, max: LAST_SECOND }),
      halfCentury,
      fc.oneof(near, fc.constantFrom(-1, 0, 1), fc.integer({ min: -50 * DAY, max: 50 * DAY })),
      (second, years, shift) => {
        const now = setNow(new Date(second * 1_000).toISOString());
        const other = new Date((second + shift) * 1_000);
        other.setUTCFullYear(other.getUTCFullYear() + years);
        const text = formsOf(other)[1];
        expect([text, read(text)]).toEqual([text, reference(text, now)]);
      },
    ),
    { numRuns: FULL ? 500_000 : 5_000 },
  );
});

test('29 February and 1 March of every year round the horizon', () => {
  const wrong: string[] = [];
  for (let year = 1_971; year < 2_205; year++) {
    for (const day of ['02-28', '02-29', '03-01', '03-02', '12-31', '01-01']) {
      const leap = daysOf(year, 1, 29) !== undefined;
      if (day === '02-29' && !leap) continue;
      const now = setNow(`${year}-${day}T12:00:00Z`);
      for (const other of ['28-Feb', '29-Feb', '01-Mar', '02-Mar', '31-Dec', '01-Jan']) {
        for (const hour of ['11', '12', '13']) {
          const text = `Monday, ${other}-${two((year + 50) % 100)} ${hour}:00:00 GMT`;
          const same = JSON.stringify(read(text)) === JSON.stringify(reference(text, now));
          if (!same) wrong.push(`${year}-${day}: ${text}`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('whatever is done to a date, it is read as the plain implementation reads it', () => {
  const now = setNow('2026-06-15T12:00:00Z');
  const letter = fc.constantFrom(...' ,:-0123456789GMTSunNovFebay', '\t', '\xff', '\0');
  const edit = fc.tuple(fc.nat({ max: 34 }), fc.constantFrom(0, 1, 1, 2, 3), letter);
  fc.assert(
    fc.property(
      fc.integer({ min: daysOf(0, 0, 1)! * DAY, max: daysOf(9_999, 11, 31)! * DAY }),
      fc.nat({ max: 2 }),
      fc.array(edit, { maxLength: 2 }),
      (second, form, edits) => {
        let text = formsOf(new Date(second * 1_000))[form]!;
        for (const [at, cut, put] of edits) text = text.slice(0, at) + put + text.slice(at + cut);
        expect([text, read(text)]).toEqual([text, reference(text, now)]);
      },
    ),
    { numRuns: FULL ? 1_000_000 : 10_000 },
  );
});

test('every number in every place is checked as the plain implementation checks it', () => {
  const now = setNow('2026-06-15T12:00:00Z');
  const wrong: string[] = [];
  const check = (text: string): void => {
    if (JSON.stringify(read(text)) !== JSON.stringify(reference(text, now))) wrong.push(text);
  };
  for (let number = 0; number < 100; number++) {
    const text = two(number);
    for (const month of MONTHS) {
      for (const year of ['1900', '2000', '2023', '2024']) {
        check(`Mon, ${text} ${month} ${year} 00:00:00 GMT`);
        check(`Mon ${month} ${text} 00:00:00 ${year}`);
        check(`Mon ${month}  ${number} 00:00:00 ${year}`);
      }
      check(`Friday, ${text}-${month}-24 00:00:00 GMT`);
      check(`Friday, 29-${month}-${text} 00:00:00 GMT`);
    }
    for (const at of [`${text}:00:00`, `00:${text}:00`, `00:00:${text}`, `23:59:${text}`]) {
      check(`Mon, 01 Jan 2024 ${at} GMT`);
      check(`Monday, 01-Jan-24 ${at} GMT`);
      check(`Mon Jan  1 ${at} 2024`);
    }
  }
  expect(wrong).toEqual([]);
});
