// codings.test.ts: Accept-Encoding, against a plain reading of RFC 9110 12.5.3.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CODING_BR, CODING_GZIP, CODING_IDENTITY, CODING_ZSTD } from '../../src/format/layout.ts';
import { readAcceptEncoding } from '../../src/hot/codings.ts';
import * as R from '../../src/hot/request.ts';
import { inbox } from '../../src/hot/ring.ts';
import { FULL } from '../support/ledger.ts';
import { counterexample } from './property.ts';

const AT = 61;
const FIELDS = [
  ['gzip', R.QUALITY + CODING_GZIP],
  ['br', R.QUALITY + CODING_BR],
  ['zstd', R.QUALITY + CODING_ZSTD],
  ['identity', R.QUALITY + CODING_IDENTITY],
  ['*', R.QUALITY_ANY],
] as const;

type Qualities = Readonly<Record<string, number>>;

/** By coding: its quality in thousandths; absent: not named. */
function read(...lines: readonly string[]): Qualities {
  R.request.fill(0);
  for (const line of lines) {
    const value = line.trim();
    inbox.set(Buffer.from(`${value}\r\n`), AT);
    readAcceptEncoding(AT, AT + value.length);
  }
  const named = FIELDS.filter(([, field]) => R.request[field] !== 0);
  return Object.fromEntries(named.map(([name, field]) => [name, R.request[field]! - 1]));
}

const MEMBER = /^([!#$%&'*+\-.^_`|~\w]+)[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;

function reference(...lines: readonly string[]): Qualities {
  const found: Record<string, number> = {};
  for (const member of lines.flatMap((line) => line.split(','))) {
    const [, token, quality] = MEMBER.exec(member.replaceAll(/^[ \t]+|[ \t]+$/g, '')) ?? [];
    const name = token?.toLowerCase().replace(/^x-gzip$/, 'gzip');
    if (name === undefined || !FIELDS.some(([known]) => known === name)) continue;
    found[name] ??= Math.round(Number(quality ?? 1) * 1000);
  }
  return found;
}

test.each<readonly [string, Qualities]>([
  ['', {}],
  ['gzip, deflate, br, zstd', { gzip: 1000, br: 1000, zstd: 1000 }],
  ['GZIP;Q=0.5', { gzip: 500 }],
  ['x-gzip', { gzip: 1000 }],
  ['gzip;q=0, *;q=0.001', { gzip: 0, '*': 1 }],
  ['gzip;q=2, br;q=1.001, zstd;q=, identity;q=0.1234', {}],
  ['gzip;q=0.2, gzip', { gzip: 200 }],
  ['gzip;q=x, gzip;q=0.3', { gzip: 300 }],
  [',, gzip ;\tq=0. ,', { gzip: 0 }],
  ['gzip br', {}],
])('%j', (line, wanted) => {
  expect(read(line)).toEqual(wanted);
  expect(reference(line)).toEqual(wanted);
});

test('several lines are one list', () => {
  expect(read('gzip;q=0.1', 'br, gzip')).toEqual({ gzip: 100, br: 1000 });
});

const PIECES = [
  ['gzip', 'x-gzip', 'br', 'zstd', 'identity', '*', 'deflate', 'Gzip', 'bR', ' ', '\t'],
  [',', ',', ', ', ';', ';q=', ';q=0', ';q=1', '.', '.5', '0', '1', '000', '=', '"', 'q'],
].flat();

test('any list is read as the plain implementation reads it', () => {
  const piece = fc.constantFrom(...PIECES);
  const list = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('').trim());
  const agrees = (text: string): boolean =>
    JSON.stringify(Object.entries(read(text)).sort()) ===
    JSON.stringify(Object.entries(reference(text)).sort());
  expect(counterexample(list, FULL ? 500_000 : 20_000, agrees)).toBeUndefined();
});
