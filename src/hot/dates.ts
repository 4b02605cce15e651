// dates.ts: reads an HTTP-date in any of its three forms. RFC 9110 5.6.7.
//
// A date is two integers, days since 1970-01-01 and second of the day: seconds alone would leave
// the small integers.
import { bytesOf } from '../format/bytes.ts';
import { now, NOW_DAY, NOW_MONTH, NOW_SECOND, NOW_YEAR } from './date.ts';
import { inbox } from './ring.ts';
import { COLON, COMMA, DIGIT_0, SPACE } from './tables.ts';

export const DATE_DAYS = 0;
export const DATE_SECOND = 1;
/** The date last read. */
export const date = new Int32Array(2);

const SHORT_DAYS = bytesOf('MonTueWedThuFriSatSun');
const LONG_DAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
].map(bytesOf);
const MONTHS = bytesOf('JanFebMarAprMayJunJulAugSepOctNovDec');
const MONTH_DAYS = Uint8Array.of(31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);
const GMT = bytesOf(' GMT');
const DASH = 0x2d;
const IMF_BYTES = 29;
const ASCTIME_BYTES = 24;
const RFC850_TAIL_BYTES = 24;
const FUTURE_YEARS_MAX = 50;

/**
 * Names are case-sensitive, ranges checked; the day's name must be one but is not compared with the
 * date.
 */
export function readHttpDate(at: number, end: number): boolean {
  if (end - at === IMF_BYTES && inbox[at + 3] === COMMA) return readImf(at);
  if (end - at === ASCTIME_BYTES && inbox[at + 3] === SPACE) return readAsctime(at);
  return readRfc850(at, end);
}

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
function readImf(at: number): boolean {
  if (indexOfName(SHORT_DAYS, at) < 0 || inbox[at + 4] !== SPACE) return false;
  if (inbox[at + 7] !== SPACE || inbox[at + 11] !== SPACE || inbox[at + 16] !== SPACE) return false;
  if (!isText(GMT, at + 25) || !readTime(at + 17)) return false;
  return keepDate(readFour(at + 12), indexOfName(MONTHS, at + 8), readTwo(at + 5));
}

/** `Sun Nov  6 08:49:37 1994` */
function readAsctime(at: number): boolean {
  if (indexOfName(SHORT_DAYS, at) < 0 || inbox[at + 7] !== SPACE) return false;
  if (inbox[at + 10] !== SPACE || inbox[at + 19] !== SPACE || !readTime(at + 11)) return false;
  const padded = inbox[at + 8] === SPACE;
  const day = padded ? readDigit(at + 9) : readTwo(at + 8);
  return keepDate(readFour(at + 20), indexOfName(MONTHS, at + 4), day);
}

/** `Sunday, 06-Nov-94 08:49:37 GMT` */
function readRfc850(from: number, end: number): boolean {
  const at = end - RFC850_TAIL_BYTES;
  if (at <= from || !isLongDay(from, at) || inbox[at] !== COMMA || inbox[at + 1] !== SPACE)
    return false;
  if (inbox[at + 4] !== DASH || inbox[at + 8] !== DASH || inbox[at + 11] !== SPACE) return false;
  if (!isText(GMT, at + 20) || !readTime(at + 12)) return false;
  const short = readTwo(at + 9);
  if (short < 0) return false;
  return keepShortYear(short, indexOfName(MONTHS, at + 5), readTwo(at + 2));
}

/** The running century, and one back for what would lie over 50 years ahead. */
function keepShortYear(short: number, month: number, day: number): boolean {
  const thisYear = now[NOW_YEAR]!;
  const year = thisYear - (thisYear % 100) + short;
  if (!keepDate(year, month, day)) return false;
  const horizon = thisYear + FUTURE_YEARS_MAX;
  if (year < horizon) return true;
  if (year === horizon && !isLaterInYear(month, day)) return true;
  return keepDate(year - 100, month, day);
}

/** By the calendar: 29 February comes before 1 March in a year that has none, too. */
function isLaterInYear(month: number, day: number): boolean {
  if (month !== now[NOW_MONTH]!) return month > now[NOW_MONTH]!;
  if (day !== now[NOW_DAY]!) return day > now[NOW_DAY]!;
  return date[DATE_SECOND]! > now[NOW_SECOND]!;
}

function isLongDay(at: number, end: number): boolean {
  for (let index = 0; index < LONG_DAYS.length; index++) {
    const name = LONG_DAYS[index]!;
    if (name.length === end - at && isText(name, at)) return true;
  }
  return false;
}

function isText(text: Uint8Array, at: number): boolean {
  for (let index = 0; index < text.length; index++) {
    if (inbox[at + index] !== text[index]) return false;
  }
  return true;
}

/** Place in a table of three-letter names; -1: none. */
function indexOfName(names: Uint8Array, at: number): number {
  for (let index = 0; index < names.length; index += 3) {
    if (
      names[index] === inbox[at] &&
      names[index + 1] === inbox[at + 1] &&
      names[index + 2] === inbox[at + 2]
    ) {
      return index / 3;
    }
  }
  return -1;
}

/** `08:49:37`; a leap second may be 60. */
function readTime(at: number): boolean {
  const hour = readTwo(at);
  const minute = readTwo(at + 3);
  const second = readTwo(at + 6);
  date[DATE_SECOND] = hour * 3600 + minute * 60 + second;
  if (inbox[at + 2] !== COLON || inbox[at + 5] !== COLON) return false;
  if (hour < 0 || minute < 0 || second < 0) return false;
  return hour <= 23 && minute <= 59 && second <= 60;
}

function readDigit(at: number): number {
  const digit = inbox[at]! - DIGIT_0;
  return digit < 0 || digit > 9 ? -1 : digit;
}

function readTwo(at: number): number {
  const tens = readDigit(at);
  const ones = readDigit(at + 1);
  return tens < 0 || ones < 0 ? -1 : tens * 10 + ones;
}

function readFour(at: number): number {
  const centuries = readTwo(at);
  const years = readTwo(at + 2);
  return centuries < 0 || years < 0 ? -1 : centuries * 100 + years;
}

function keepDate(year: number, month: number, day: number): boolean {
  if (year < 0 || month < 0 || day < 1) return false;
  const leap = month === 1 && isLeap(year) ? 1 : 0;
  if (day > MONTH_DAYS[month]! + leap) return false;
  date[DATE_DAYS] = daysOf(year, month, day);
  return true;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/**
 * Days since 1970-01-01 in the proleptic Gregorian calendar; `month` from 0. Years begin in March
 * here.
 */
function daysOf(year: number, month: number, day: number): number {
  const marchYear = (month < 2 ? year - 1 : year) + 400;
  const era = (marchYear / 400) | 0;
  const yearOfEra = marchYear - era * 400;
  const monthFromMarch = month < 2 ? month + 10 : month - 2;
  const dayOfYear = (((153 * monthFromMarch + 2) / 5) | 0) + day - 1;
  const leaps = ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0);
  return (era - 1) * 146_097 + yearOfEra * 365 + leaps + dayOfYear - 719_468;
}
