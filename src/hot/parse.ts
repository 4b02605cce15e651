// parse.ts: reads one request head, a byte at a time at worst, in one pass. RFC 9112 2 to 5.
//
// Answers the bytes of the head, or NEED_MORE, or the negative status of a refusal (-400, -414,
// -431, -505): the first offending byte decides, without waiting for the end of the head. Lines
// that have come whole are taken by lines.ts; here is what it leaves. What the fields mean is
// fields.ts.
import { bytesOf } from '../format/bytes.ts';
import { bounds, FIELDS, LINE_BYTES, SECTION_BYTES } from './bounds.ts';
import { readField } from './fields.ts';
import { readGet, readLines } from './lines.ts';
import { skipBlank, trimEnd } from './lists.ts';
import { methodOf } from './methods.ts';
import * as R from './request.ts';
import { inbox } from './ring.ts';
import { COLON, CR, DIGIT_0, DIGIT_9, FIELD_BYTE, LF, SPACE } from './tables.ts';
import { TARGET_BYTE, TCHAR } from './tables.ts';
import { readForm } from './target.ts';

const { request } = R;

const VERSION = bytesOf('HTTP/1.1\r\n');
const VERSION_MAJOR = 5;
const VERSION_MINOR = 7;
const VERSION_CR = 8;

/**
 * `base` is the place of the request's first byte in the inbox, `end` that behind the last
 * received.
 */
export function parse(number: number, base: number, end: number): number {
  R.resume(number);
  let at = base + request[R.AT]!;
  if (request[R.PHASE] === R.PHASE_START) at = readGet(at, end);
  if (request[R.PHASE]! < R.PHASE_LINE) at = parseRequestLine(base, at, end);
  if (at >= 0) at = parseFields(base, at, end);
  if (at >= 0) return at - base;
  if (at === R.NEED_MORE) R.suspend(number);
  else R.forgetClient();
  return at;
}

function parseRequestLine(base: number, from: number, end: number): number {
  let at = from;
  if (request[R.PHASE]! <= R.PHASE_START_LF) {
    at = skipEmptyLine(base, at, end);
    if (at < 0) return at;
  }
  if (request[R.PHASE] === R.PHASE_METHOD) {
    at = parseMethod(base, at, end);
    if (at < 0) return at;
  }
  if (request[R.PHASE] === R.PHASE_TARGET) {
    at = parseTarget(base, at, end);
    if (at < 0) return at;
  }
  return parseVersion(base, at, end);
}

function pause(base: number, at: number, phase: number): number {
  request[R.PHASE] = phase;
  request[R.AT] = at - base;
  return R.NEED_MORE;
}

/** One empty line before a request line is forgiven, RFC 9112 2.2. */
function skipEmptyLine(base: number, from: number, end: number): number {
  let at = from;
  if (at === end) return pause(base, at, R.PHASE_START);
  if (request[R.PHASE] === R.PHASE_START && inbox[at] === CR) {
    request[R.PHASE] = R.PHASE_START_LF;
    at++;
    if (at === end) return pause(base, at, R.PHASE_START_LF);
  }
  if (request[R.PHASE] === R.PHASE_START_LF) {
    if (inbox[at] !== LF) return -400;
    at++;
  }
  request[R.LINE_AT] = at - base;
  request[R.PHASE] = R.PHASE_METHOD;
  return at;
}

function lineStop(base: number, end: number): number {
  const limit = base + request[R.LINE_AT]! + bounds[LINE_BYTES]!;
  return limit < end ? limit : end;
}

function parseMethod(base: number, from: number, end: number): number {
  const stop = lineStop(base, end);
  let at = from;
  while (at < stop && TCHAR[inbox[at]!] !== 0) at++;
  if (at === end) return pause(base, at, R.PHASE_METHOD);
  if (at === stop) return -414;
  const start = base + request[R.LINE_AT]!;
  if (inbox[at] !== SPACE || at === start) return -400;
  request[R.METHOD] = methodOf(start, at);
  request[R.TARGET_AT] = at + 1 - base;
  request[R.PHASE] = R.PHASE_TARGET;
  return at + 1;
}

function parseTarget(base: number, from: number, end: number): number {
  const stop = lineStop(base, end);
  let at = from;
  while (at < stop && TARGET_BYTE[inbox[at]!] !== 0) at++;
  if (at === end) return pause(base, at, R.PHASE_TARGET);
  if (at === stop) return -414;
  if (inbox[at] !== SPACE || at === base + request[R.TARGET_AT]!) return -400;
  request[R.TARGET_END] = at - base;
  if (readForm(base) < 0) return -400;
  request[R.VERSION_AT] = at + 1 - base;
  request[R.PHASE] = R.PHASE_VERSION;
  return at + 1;
}

/** `HTTP/1.0` and `HTTP/1.x`; another major version is -505, all else -400. RFC 9112 2.3. */
function parseVersion(base: number, from: number, end: number): number {
  const start = base + request[R.VERSION_AT]!;
  const limit = base + request[R.LINE_AT]! + bounds[LINE_BYTES]!;
  for (let at = from; at < end; at++) {
    const index = at - start;
    const byte = inbox[at]!;
    if (index === VERSION_MAJOR || index === VERSION_MINOR) {
      if (byte < DIGIT_0 || byte > DIGIT_9) return -400;
    } else if (byte !== VERSION[index]) return -400;
    if (index === VERSION_CR && inbox[start + VERSION_MAJOR] !== DIGIT_0 + 1) return -505;
    if (index < VERSION_CR && at >= limit) return -414;
    if (index > VERSION_CR) return enterFields(base, at + 1);
  }
  return pause(base, end, R.PHASE_VERSION);
}

function enterFields(base: number, at: number): number {
  const minor = inbox[base + request[R.VERSION_AT]! + VERSION_MINOR]!;
  request[R.MINOR] = minor === DIGIT_0 ? 0 : 1;
  request[R.FIELDS_AT] = at - base;
  request[R.PHASE] = R.PHASE_LINE;
  return at;
}

function parseFields(base: number, from: number, end: number): number {
  let at = from;
  const limit = base + request[R.FIELDS_AT]! + bounds[SECTION_BYTES]!;
  const stop = limit < end ? limit : end;
  for (;;) {
    if (request[R.PHASE] === R.PHASE_LINE) {
      at = readLines(base, at, stop);
      if (at === end) return pause(base, at, R.PHASE_LINE);
      if (inbox[at] === CR) return parseEnd(base, at + 1, end);
      request[R.NAME_AT] = at - base;
      request[R.PHASE] = R.PHASE_NAME;
    }
    if (request[R.PHASE] === R.PHASE_END_LF) return parseEnd(base, at, end);
    at = parseFieldLine(base, at, stop, end);
    if (at < 0) return at;
  }
}

/**
 * One field line; a space before the colon, an obs-fold or an empty name is -400. RFC 9112 5.1,
 * 5.2.
 */
function parseFieldLine(base: number, from: number, stop: number, end: number): number {
  let at = from;
  if (request[R.PHASE] === R.PHASE_NAME) {
    at = parseName(base, at, stop, end);
    if (at < 0) return at;
  }
  if (request[R.PHASE] === R.PHASE_VALUE) {
    while (at < stop && FIELD_BYTE[inbox[at]!] !== 0) at++;
    if (at === end) return pause(base, at, R.PHASE_VALUE);
    if (at >= stop) return -431;
    if (inbox[at] !== CR) return -400;
    request[R.PHASE] = R.PHASE_VALUE_LF;
    at++;
  }
  if (at === end) return pause(base, at, R.PHASE_VALUE_LF);
  if (at >= stop) return -431;
  if (inbox[at] !== LF) return -400;
  takeField(base, at - 1);
  request[R.PHASE] = R.PHASE_LINE;
  return at + 1;
}

function parseName(base: number, from: number, stop: number, end: number): number {
  let at = from;
  while (at < stop && TCHAR[inbox[at]!] !== 0) at++;
  const start = base + request[R.NAME_AT]!;
  if (at > start && request[R.FIELDS]! === bounds[FIELDS]) return -431;
  if (at === end) return pause(base, at, R.PHASE_NAME);
  if (at >= stop) return -431;
  if (inbox[at] !== COLON || at === start) return -400;
  request[R.NAME_END] = at - base;
  request[R.FIELDS] = request[R.FIELDS]! + 1;
  request[R.PHASE] = R.PHASE_VALUE;
  return at + 1;
}

function takeField(base: number, valueEnd: number): void {
  const nameAt = base + request[R.NAME_AT]!;
  const nameEnd = base + request[R.NAME_END]!;
  const at = skipBlank(nameEnd + 1, valueEnd);
  readField(base, nameAt, nameEnd - nameAt, at, trimEnd(at, valueEnd));
}

function parseEnd(base: number, at: number, end: number): number {
  if (at === end) return pause(base, at, R.PHASE_END_LF);
  return inbox[at] === LF ? at + 1 : -400;
}
