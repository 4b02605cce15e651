// date.ts: rewrites the Date of every trailer in place, once a second. IMF-fixdate, RFC 9110 5.6.7.
import { bytesOf } from '../format/bytes.ts';
import { TRAILER_ROOM, TRAILERS, TRAILERS_AT, trailerBytes } from './outbox.ts';
import { scratch } from './ring.ts';
import { DIGIT_0 } from './tables.ts';

/** What stands in a trailer before the first tick; of it only digits and names are rewritten. */
export const DATE_TEMPLATE = 'Thu, 01 Jan 1970 00:00:00 GMT';
const DATE_BYTES = DATE_TEMPLATE.length;
/** The date is followed by its line's CRLF and the empty line. */
const DATE_FROM_END = DATE_BYTES + 4;

const DAYS = bytesOf('ThuFriSatSunMonTueWed');
const MONTHS = bytesOf('JanFebMarAprMayJunJulAugSepOctNovDec');

/** Year, month (0 to 11) and day of the month of the last date written. */
const civil = new Int32Array(3);

/** The clock as last read: days since 1970-01-01, second of the day, and the civil date. */
export const NOW_DAYS = 0;
export const NOW_SECOND = 1;
export const NOW_YEAR = 2;
/** From 0. */
export const NOW_MONTH = 3;
/** Of the month, from 1. */
export const NOW_DAY = 4;
export const now = new Int32Array(5);

/** `days` since 1970-01-01, a Thursday; `second` of that day, UTC. */
export function writeDate(days: number, second: number): void {
  readCivil(days);
  now[NOW_DAYS] = days;
  now[NOW_SECOND] = second;
  now[NOW_YEAR] = civil[0]!;
  now[NOW_MONTH] = civil[1]!;
  now[NOW_DAY] = civil[2]!;
  for (let trailer = 0; trailer < TRAILERS; trailer++) {
    const end = TRAILERS_AT + trailer * TRAILER_ROOM + trailerBytes[trailer]!;
    writeAt(end - DATE_FROM_END, days, second);
  }
}

function writeAt(at: number, days: number, second: number): void {
  writeName(at, DAYS, days % 7);
  writeTwo(at + 5, civil[2]!);
  writeName(at + 8, MONTHS, civil[1]!);
  writeTwo(at + 12, (civil[0]! / 100) | 0);
  writeTwo(at + 14, civil[0]! % 100);
  writeTwo(at + 17, (second / 3600) | 0);
  writeTwo(at + 20, ((second / 60) | 0) % 60);
  writeTwo(at + 23, second % 60);
}

function writeName(at: number, names: Uint8Array, index: number): void {
  scratch[at] = names[index * 3]!;
  scratch[at + 1] = names[index * 3 + 1]!;
  scratch[at + 2] = names[index * 3 + 2]!;
}

function writeTwo(at: number, number: number): void {
  scratch[at] = DIGIT_0 + ((number / 10) | 0);
  scratch[at + 1] = DIGIT_0 + (number % 10);
}

/** Proleptic Gregorian calendar, counted in eras of 400 years that begin on 1 March. */
function readCivil(days: number): void {
  const shifted = days + 719_468;
  const era = (shifted / 146_097) | 0;
  const dayOfEra = shifted - era * 146_097;
  const leaps = ((dayOfEra / 1_460) | 0) - ((dayOfEra / 36_524) | 0) + ((dayOfEra / 146_096) | 0);
  const yearOfEra = ((dayOfEra - leaps) / 365) | 0;
  const yearDays = 365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0);
  const dayOfYear = dayOfEra - yearDays;
  const monthFromMarch = ((5 * dayOfYear + 2) / 153) | 0;
  civil[2] = dayOfYear - (((153 * monthFromMarch + 2) / 5) | 0) + 1;
  civil[1] = monthFromMarch < 10 ? monthFromMarch + 2 : monthFromMarch - 10;
  civil[0] = yearOfEra + era * 400 + (civil[1]! < 2 ? 1 : 0);
}
