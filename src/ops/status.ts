// status.ts: reads the page of a worker: its signs of life, and what it left when it is gone.
//
// A stranger may have that worker: every number is checked, every text cleaned.
import { readSync } from 'node:fs';

/** Layout of native/status.h. */
const BYTES = 4_096;
const KIND = 0;
const NUMBER = 4;
const INSTRUCTION = 8;
const ARGUMENTS = 16;
const ARGUMENTS_COUNT = 6;
const WORDS = 64;
const WORDS_END = 4_092;
const BEATS = 4_092;
const BEATS_BYTES = 4;
const KIND_REFUSED = 1;
const KIND_WORDS = 2;

/** Numbers of system calls end well below. */
const NUMBER_MAX = 1_023;

/** What the worker left, in one line; undefined: nothing. */
export function readStatus(
  descriptor: number,
  callName: (number: number) => string,
): string | undefined {
  const page = Buffer.alloc(BYTES);
  readSync(descriptor, page, 0, BYTES, 0);
  const kind = page.readUInt32LE(KIND);
  if (kind === KIND_REFUSED) return refusal(page, callName);
  if (kind === KIND_WORDS) return clean(page.subarray(WORDS, WORDS_END));
  return undefined;
}

/** In how many seconds it has taken a turn; 0: in none yet. */
export function readBeats(descriptor: number): number {
  const beats = Buffer.alloc(BEATS_BYTES);
  readSync(descriptor, beats, 0, BEATS_BYTES, BEATS);
  return beats.readUInt32LE(0);
}

function refusal(page: Buffer, callName: (number: number) => string): string {
  const number = page.readInt32LE(NUMBER);
  const isCall = number >= 0 && number <= NUMBER_MAX;
  const name = (isCall && callName(number)) || 'of no name';
  const values = Array.from({ length: ARGUMENTS_COUNT }, (_, at) => hex(page, ARGUMENTS + 8 * at));
  const at = hex(page, INSTRUCTION);
  return `refused system call ${name} (${number}) at ${at}, arguments ${values.join(' ')}`;
}

function hex(page: Buffer, at: number): string {
  return `0x${page.readBigUInt64LE(at).toString(16)}`;
}

function clean(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  const text = bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
  return text.replaceAll(/\s*\n\s*/g, ' | ').replaceAll(/[^\x20-\x7e]/g, '?');
}
