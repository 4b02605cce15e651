// wildcards.test.ts: a table of rules is taken, or refused before a lookup could go astray in it.
import { expect, test } from 'vitest';
import { sha256 } from '../../archiver/store.ts';
import { verifyArchive } from '../../src/boot/archive.ts';
import { decodeRoute, encodeRoute } from '../../src/format/route.ts';
import type { Route } from '../../src/format/route.ts';
import { encodeRules } from '../../src/format/rules.ts';
import type { Rule } from '../../src/format/rules.ts';
import { FULL } from '../support/ledger.ts';
import { xorshift } from '../support/site.ts';
import { GOOD, HOSTED, forge, recordOf, recordsOf, refusalOf } from './forge.ts';
import type { Forged } from './forge.ts';

const reason = (bytes: Uint8Array) => refusalOf(() => verifyArchive(bytes, 'x.cdb'));
const FLIPS = FULL ? 20_000 : 1_000;
const text = (value: string) => ({ kind: 0, capture: 0, text: value });
const piece = (kind: number, capture = 0) => ({ kind, capture, text: '' });
const NONE = new Uint8Array(0);

/** A redirect whose Location is made, its header block put behind the last record. */
function openRedirect(records: Forged[]): Uint8Array {
  const runs = [
    'HTTP/1.1 302 Found\r\n',
    'Cache-Control: no-cache\r\n',
    'Location: ',
    '\r\nContent-Length: 0\r\n',
  ];
  const value = Buffer.from(runs.join(''));
  const before = records.reduce(
    (sum, record) => sum + 8 + record.key.length + record.value.length,
    0,
  );
  records.push({ key: Buffer.concat([Buffer.from('h'), sha256(value)]), value });
  const route = decodeRoute(recordOf(records, '/d').value) as Route;
  const [statusBytes, commonBytes, contentBytes, lengthBytes] = runs.map((run) => run.length);
  const lengths = { statusBytes: statusBytes!, commonBytes: commonBytes! };
  const rest = { contentBytes: contentBytes!, lengthBytes: lengthBytes! };
  const variant = { ...route.variants[0]!, ...lengths, ...rest, headAt: 2048 + before + 8 + 33 };
  return encodeRoute({ ...route, status: 302, variants: [variant] });
}

function setCount(records: Forged[], name: string, change: (count: number) => number): void {
  const { value } = recordOf(records, 'cdbsite');
  const changed = value
    .toString()
    .replace(new RegExp(`"${name}":(\\d+)`), (_, count) => `"${name}":${change(Number(count))}`);
  value.set(Buffer.from(changed.padEnd(value.length)).subarray(0, value.length));
}

/** One of each kind, with `change` made to the one at `index`. */
function withRules(
  change: (rule: Rule) => Partial<Rule> = () => ({}),
  index = 0,
  damage: (table: Buffer) => void = () => undefined,
): Buffer {
  return forge((records) => {
    const open = openRedirect(records);
    const page = recordOf(records, '404/').value;
    const moved = recordOf(records, '/d').value;
    const pieces = [text('/n/'), piece(1, 1), text('?q='), piece(2, 0), piece(3)];
    const rules: Rule[] = [
      { kind: 1, segments: ['a', ''], splat: true, pieces, route: open },
      {
        kind: 1,
        segments: [''],
        splat: false,
        pieces: [text('https://b.example/x//')],
        route: open,
      },
      { kind: 2, segments: ['b'], splat: true, pieces: [text('/d/'), piece(1)], route: NONE },
      { kind: 0, segments: ['c'], splat: true, pieces: [], route: page },
      { kind: 0, segments: [], splat: true, pieces: [], route: moved },
    ];
    rules[index] = { ...rules[index]!, ...change(rules[index]!) };
    const value = Buffer.from(encodeRules(rules));
    damage(value);
    records.push({ key: Buffer.from('rules'), value });
    setCount(records, 'rules', () => 5);
    setCount(records, 'heads', (count) => count + 1);
  });
}

test('a sound table is taken, and counted', () => {
  expect(verifyArchive(withRules(), 'x.cdb')).toMatchObject({ rules: 5 });
});

test('the flag of a file is for keys', () => {
  const file = recordOf(recordsOf(GOOD), '/a.html').value;
  expect(reason(withRules(() => ({ route: file }), 3))).toMatch(/rule 4: the flag of a file/);
});

test.each<[string, number, Partial<Rule>, RegExp]>([
  ['an unknown kind', 0, { kind: 3 }, /rule 1: unknown kind 3/],
  ['a slash in a segment', 0, { segments: ['a/b', ''] }, /a segment that no path has/],
  ['a segment of dots', 0, { segments: ['..', ''] }, /a segment that no path has/],
  ['a NUL in a segment', 0, { segments: ['\0', ''] }, /a segment that no path has/],
  ['too many segments', 0, { segments: Array.from({ length: 65 }, () => 'a') }, /65 segments/],
  ['too many captures', 0, { segments: Array.from({ length: 16 }, () => '') }, /17 captures/],
  ['pieces beside a route', 3, { pieces: [text('/')] }, /pieces that nothing is made of/],
  ['no route', 4, { route: NONE }, /too short for a route/],
  ['no pieces', 0, { pieces: [] }, /begins with no text/],
  ['a capture first', 0, { pieces: [piece(1)] }, /begins with no text/],
  ['another host', 0, { pieces: [text('//b')] }, /no path and no host/],
  ['a host that goes on', 0, { pieces: [text('https://b'), piece(1)] }, /no path and no host/],
  ['a user name', 0, { pieces: [text('https://a@b/')] }, /no path and no host/],
  ['another scheme', 0, { pieces: [text('javascript:/')] }, /no path and no host/],
  ['a backslash', 0, { pieces: [text('/\\b')] }, /odd characters/],
  ['a line end', 0, { pieces: [text('/\r\n')] }, /odd characters/],
  ['two slashes later', 0, { pieces: [text('/'), piece(1), text('//b')] }, /empty segment/],
  ['two queries', 0, { pieces: [text('/'), piece(3), piece(3)] }, /two queries/],
  ['a capture it has not', 0, { pieces: [text('/'), piece(1, 2)] }, /no capture 2/],
  ['a numbered query', 0, { pieces: [text('/'), piece(3, 1)] }, /no capture 1/],
  ['a kind of piece', 0, { pieces: [text('/'), piece(4)] }, /unknown kind of piece 4/],
  ['an empty text', 0, { pieces: [text('/'), text('')] }, /odd characters/],
  ['a capture with text', 0, { pieces: [text('/'), { ...piece(1), text: 'a' }] }, /a use for none/],
  ['much text', 0, { pieces: [text(`/${'a'.repeat(2048)}`)] }, /2049 bytes of text/],
  ['a route beside a path', 2, { route: Uint8Array.of(1) }, /a route beside a path/],
  ['a path without a slash', 2, { pieces: [text('d'), piece(1)] }, /begins with no slash/],
  ['a path that is a capture', 2, { pieces: [piece(1)] }, /begins with no slash/],
  ['a query in a path', 2, { pieces: [text('/'), piece(3)] }, /unknown kind of piece 3/],
])('a rule with %s is refused', (_, index, change, expected) => {
  const message = reason(withRules(() => change, index));
  expect(message).toMatch(expected);
  expect(message).toMatch(/^x\.cdb: refused at record "rules": rule \d: /);
});

test('what a Location is made for must be open, and a redirect; a route must not be open', () => {
  const moved = recordOf(recordsOf(GOOD), '/d').value;
  expect(reason(withRules(() => ({ route: moved })))).toMatch(/no sound Location/);
  const page = recordOf(recordsOf(GOOD), '404/').value;
  expect(reason(withRules(() => ({ route: page })))).toMatch(/no redirect/);
  expect(reason(withRules(() => ({ kind: 0, pieces: [] })))).toMatch(/no sound Location/);
});

test('a table belongs to a site that is there', () => {
  const rule: Rule = { kind: 2, segments: [], splat: true, pieces: [text('/d/')], route: NONE };
  const rules = (key: string) =>
    forge((records) => {
      records.push({ key: Buffer.from(key), value: Buffer.from(encodeRules([rule])) });
      setCount(records, 'rules', () => 1);
    }, HOSTED);
  expect(verifyArchive(rules('rules@a.example'), 'x').rules).toBe(1);
  expect(verifyArchive(rules('rules'), 'x').rules).toBe(1);
  expect(reason(rules('rules@c.example'))).toMatch(/does not list its host/);
});

test('a table with any bit flipped, under a right digest, is refused or sound again', () => {
  const next = xorshift(7);
  let taken = 0;
  for (let round = 0; round < FLIPS; round++) {
    let at = 0;
    const bytes = withRules(
      () => ({}),
      0,
      (table) => {
        at = next() % table.length;
        table[at] = table[at]! ^ (1 << (next() % 8));
      },
    );
    try {
      expect(verifyArchive(bytes, 'x.cdb').rules).toBe(5);
      taken++;
    } catch (error) {
      expect(error, `byte ${at}`).toMatchObject({ name: 'Failure', exitCode: 3 });
    }
  }
  // Letters of segments and texts may become others.
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThan(FLIPS / 2);
});
