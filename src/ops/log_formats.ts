// log_formats.ts: a record as a line: as Apache and nginx write it, or as JSON.
//
// Whatever bytes a client sent, a line is printable ASCII: it commands no terminal and is one line.
import { type JournalRecord, TEXT } from './journal.ts';
import { BACKSLASH_U, BACKSLASH_X, ESCAPED_BYTES_MAX, type LineBuffer } from './line_buffer.ts';
import { LogAddress, type LogAddresses } from './log_address.ts';

export const LOG_FORMATS = ['combined', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Adds a line; there must be room for lineBytesMax() of it. */
export type Formatter = (record: JournalRecord, lines: LineBuffer) => void;

/** All that a line has beside the texts of its record. */
const FIXED_BYTES_MAX = 512;
const SPACE = 0x20;
const NOTHING = 0x2d;
const ZULU = 0x5a;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

export function lineBytesMax({ size }: JournalRecord): number {
  return size * ESCAPED_BYTES_MAX + FIXED_BYTES_MAX;
}

export function formatterOf(format: LogFormat, addresses: LogAddresses): Formatter {
  const address = new LogAddress(addresses);
  return format === 'json' ? jsonFormatter(address) : combinedFormatter(address);
}

const COMBINED = partsOf({
  user: ' - - [',
  request: ' +0000] "',
  status: '" ',
  referer: ' "',
  agent: '" "',
  end: '"\n',
});

/** Apache's mod_log_config(5), "combined"; escapes are those of nginx. */
function combinedFormatter(address: LogAddress): Formatter {
  const clock = new Clock(commonTime);
  return (record, lines) => {
    if (address.readClient(record)) address.addTo(lines);
    else lines.addByte(NOTHING);
    lines.addBytes(COMBINED.user);
    lines.addBytes(clock.second(record.timeMs));
    lines.addBytes(COMBINED.request);
    addOrNothing(record, lines, TEXT.line);
    lines.addBytes(COMBINED.status);
    lines.addNumber(record.status);
    lines.addByte(SPACE);
    lines.addNumber(record.bodyBytes);
    lines.addBytes(COMBINED.referer);
    addOrNothing(record, lines, TEXT.referer);
    lines.addBytes(COMBINED.agent);
    addOrNothing(record, lines, TEXT.userAgent);
    lines.addBytes(COMBINED.end);
  };
}

function addOrNothing(record: JournalRecord, lines: LineBuffer, text: number): void {
  const from = record.from[text]!;
  const to = record.to[text]!;
  if (from === to) lines.addByte(NOTHING);
  else lines.addEscaped(record.bytes, from, to, BACKSLASH_X);
}

const JSON_PARTS = partsOf({
  time: '{"time":"',
  timeEnd: '"',
  client: ',"client":"',
  peer: ',"peer":"',
  request: ',"request":"',
  method: ',"method":"',
  target: ',"target":"',
  protocol: ',"protocol":"',
  host: ',"host":"',
  referer: ',"referer":"',
  userAgent: ',"userAgent":"',
  textEnd: '"',
  status: ',"status":',
  bodyBytes: ',"bytes":',
  end: '}\n',
});

/** One object a line. A byte beyond ASCII is the character of that number. */
function jsonFormatter(address: LogAddress): Formatter {
  const clock = new Clock(isoTime);
  return (record, lines) => {
    lines.addBytes(JSON_PARTS.time);
    lines.addBytes(clock.second(record.timeMs));
    lines.addDigits(record.timeMs % 1_000, 3);
    lines.addByte(ZULU);
    lines.addBytes(JSON_PARTS.timeEnd);
    if (address.readClient(record)) addAddress(address, lines, JSON_PARTS.client);
    if (isProxied(record) && address.readPeer(record)) {
      addAddress(address, lines, JSON_PARTS.peer);
    }
    addRequest(record, lines);
    addField(record, lines, JSON_PARTS.host, TEXT.host);
    lines.addBytes(JSON_PARTS.status);
    lines.addNumber(record.status);
    lines.addBytes(JSON_PARTS.bodyBytes);
    lines.addNumber(record.bodyBytes);
    addField(record, lines, JSON_PARTS.referer, TEXT.referer);
    addField(record, lines, JSON_PARTS.userAgent, TEXT.userAgent);
    lines.addBytes(JSON_PARTS.end);
  };
}

function isProxied({ from, to }: JournalRecord): boolean {
  return from[TEXT.client] !== to[TEXT.client];
}

function addAddress(address: LogAddress, lines: LineBuffer, name: Uint8Array): void {
  lines.addBytes(name);
  address.addTo(lines);
  lines.addBytes(JSON_PARTS.textEnd);
}

/** Method, target and protocol; what has not these three stays as it came. */
function addRequest(record: JournalRecord, lines: LineBuffer): void {
  const { bytes } = record;
  const from = record.from[TEXT.line]!;
  const to = record.to[TEXT.line]!;
  const first = findSpace(bytes, from, to);
  const second = findSpace(bytes, first + 1, to);
  if (second >= to || findSpace(bytes, second + 1, to) < to) {
    return addText(record, lines, JSON_PARTS.request, from, to);
  }
  addText(record, lines, JSON_PARTS.method, from, first);
  addText(record, lines, JSON_PARTS.target, first + 1, second);
  addText(record, lines, JSON_PARTS.protocol, second + 1, to);
}

/** `to`: there is none. */
function findSpace(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== SPACE) at++;
  return at;
}

function addField(record: JournalRecord, lines: LineBuffer, name: Uint8Array, text: number): void {
  addText(record, lines, name, record.from[text]!, record.to[text]!);
}

/** An empty one is left out. */
function addText(
  { bytes }: JournalRecord,
  lines: LineBuffer,
  name: Uint8Array,
  from: number,
  to: number,
): void {
  if (from >= to) return;
  lines.addBytes(name);
  lines.addEscaped(bytes, from, to, BACKSLASH_U);
  lines.addBytes(JSON_PARTS.textEnd);
}

/** Text of the last second that was asked for. */
class Clock {
  readonly #format: (date: Date) => string;
  #second = -1;
  #text: Uint8Array = Buffer.alloc(0);

  constructor(format: (date: Date) => string) {
    this.#format = format;
  }

  second(timeMs: number): Uint8Array {
    const second = Math.floor(timeMs / 1_000);
    if (second === this.#second) return this.#text;
    this.#second = second;
    this.#text = Buffer.from(this.#format(new Date(second * 1_000)), 'latin1');
    return this.#text;
  }
}

/** 22/Nov/2026:15:50:00 */
function commonTime(date: Date): string {
  const [day = '', time] = date.toISOString().split(/[T.]/);
  const [year, month, monthDay] = day.split('-');
  return `${monthDay}/${MONTHS[Number(month) - 1]}/${year}:${time}`;
}

/** 2026-11-22T15:50:00. */
function isoTime(date: Date): string {
  return date.toISOString().slice(0, -'000Z'.length);
}

function partsOf<Name extends string>(
  texts: Readonly<Record<Name, string>>,
): Readonly<Record<Name, Uint8Array>> {
  const parts = Object.entries<string>(texts).map(([name, text]) => [name, Buffer.from(text)]);
  return Object.fromEntries(parts) as Record<Name, Uint8Array>;
}
