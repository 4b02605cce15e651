// grammar.test.ts: whole request heads, sound, nearly sound and not, against the RFCs' own grammar.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAuthority as isAuthorityHere } from '../../src/hot/host.ts';
import { inbox } from '../../src/hot/ring.ts';
import { FULL } from '../support/ledger.ts';
import { parseHead, value } from '../support/reply.ts';
import { isAuthority, keyOf, meaningOf } from './grammar.ts';
import { ask, page, serve } from './harness.ts';
import { counterexample } from './property.ts';

serve({
  '/': page('root'),
  '/a': page('alpha'),
  '/a/b': page('beta'),
  '/to': { location: '/to/' },
});

const STATUS: Readonly<Record<string, number>> = { '/': 200, '/a': 200, '/a/b': 200, '/to': 308 };
const PATHS = [
  ['/', '/', '/a', '/a', '/a/b', '/%61', '/x/../a', '/to', '/to', '/missing'],
  ['/a%2Fb', '/a//b', '/%ff', '/%', '/%00', '/..'],
].flat();

type Words = readonly (readonly [weight: number, ...values: string[]])[];

function among(words: Words): fc.Arbitrary<string> {
  return fc.oneof(
    ...words.map(([weight, ...values]) => ({ weight, arbitrary: fc.constantFrom(...values) })),
  );
}

/** A list of these, with the white space and empty members that lists may have. */
function listOf(words: Words): fc.Arbitrary<string> {
  const comma = among([
    [6, ', ', ','],
    [1, ' ,\t', ',,', ' '],
  ]);
  return fc
    .array(fc.tuple(among(words), comma), { minLength: 1, maxLength: 3 })
    .map((members) => members.flat().slice(0, -1).join(''));
}

/** Up to two bytes changed, put in or left out. */
function edited(text: fc.Arbitrary<string>, letters: string): fc.Arbitrary<string> {
  const edit = fc.tuple(fc.nat(), fc.nat({ max: 2 }), fc.constantFrom('', ...letters));
  return fc.tuple(text, fc.array(edit, { minLength: 1, maxLength: 2 })).map(([start, edits]) => {
    let changed = start;
    for (const [place, cut, put] of edits) {
      const at = place % (changed.length + 1);
      changed = changed.slice(0, at) + put + changed.slice(at + cut);
    }
    return changed;
  });
}

const port = among([
  [4, ''],
  [2, ':', ':0', ':80', ':65535', ':00000000080'],
  [1, ':65536', ':99999999999999999999', ':x', ':8 0', ':-1', ':80:80'],
]);
const name = fc.oneof(
  { weight: 3, arbitrary: fc.domain() },
  { weight: 2, arbitrary: fc.ipV4() },
  { weight: 3, arbitrary: fc.ipV6().map((address) => `[${address}]`) },
  {
    weight: 2,
    arbitrary: among([
      [3, '', 'a', 'A.Example.', "a_~!$&'()*+,;=", 'caf%C3%a9', '[::]', '[v1.a:b]', '[VF.~]'],
      [1, 'a%2', '[', '[]', '[::1', '::1', '[v1.]', '[v.a]', '[fe80::1%25a]', 'u@a', 'a b', '\xe9'],
    ]),
  },
);
const authority = fc.tuple(name, port).map((parts) => parts.join(''));
const HOST_LETTERS = ':.[]%@/?# \t09afgGvV-_\\"<\x7f\xe9';
const authorities = fc.oneof(
  { weight: 3, arbitrary: authority },
  { weight: 2, arbitrary: edited(authority, HOST_LETTERS) },
);

test('any host is one or none as RFC 3986 says', () => {
  const seen = { yes: 0, no: 0 };
  const agrees = (text: string): boolean => {
    const isOne = isAuthority(text);
    seen[isOne ? 'yes' : 'no']++;
    inbox.set(Buffer.from(`${text}]:1.f::`, 'latin1'), 9);
    return isAuthorityHere(9, 9 + text.length) === isOne;
  };
  const runs = FULL ? 1_000_000 : 20_000;
  expect(counterexample(authorities, runs, agrees)).toBeUndefined();
  expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(runs / 8);
});

const method = among([
  [12, 'GET'],
  [3, 'HEAD', 'OPTIONS'],
  [2, 'POST', 'CONNECT', 'TRACE'],
  [1, 'BREW', 'get', 'GETS', "!#$%&'*+-.^_`|~"],
  [1, '', 'G(T', 'G@T', 'G\xc9T'],
]);
const origin = fc.tuple(
  fc.constantFrom(...PATHS),
  among([
    [4, ''],
    [1, '?', '?a=b', '?%zz', '#f', '?a#b?c', '?/../'],
  ]),
);
const target = fc.oneof(
  { weight: 8, arbitrary: origin.map((parts) => parts.join('')) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('http', 'http', 'HTTP', 'https', 'ftp', ''), authorities, origin)
      .map(([scheme, host, parts]) => `${scheme}://${host}${parts.join('')}`),
  },
  {
    weight: 1,
    arbitrary: among([
      [1, '*', '**', 'a', 'a:80', 'a:', '[::1]:9', '?q', '#f', 'http:/a', 'http://a'],
    ]),
  },
  { weight: 1, arbitrary: among([[1, '', '/ ', '/\t', '/\xe9', '/\x7f', '/a b']]) },
);
const version = among([
  [16, 'HTTP/1.1'],
  [4, 'HTTP/1.0'],
  [1, 'HTTP/1.2', 'HTTP/1.9'],
  [1, 'HTTP/2.0', 'HTTP/0.9', 'HTTP/9.9', 'HTTP/3.1'],
  [1, 'HTTP/1.10', 'HTTP/01.1', 'http/1.1', 'HTTP/1', 'HTTP/1.x', 'HTTPS/1.1', '', 'HTTP/1.1 '],
]);

const lengths = among([
  [4, '0', '000', '000000000000000'],
  [2, '1', '5', '999999999999999'],
  [
    1,
    '',
    '+1',
    '-0',
    '0x0',
    '1 1',
    '5, 5',
    '0,',
    '1000000000000000',
    '18446744073709551616',
    '1e1',
  ],
]);
const codings = listOf([
  [6, 'chunked', 'CHUNKED'],
  [1, 'gzip', 'identity', '', 'chunked;a=b', 'xchunked', '"chunked"', 'gzip;a=", chunked"'],
  [1, 'gzip;a="\\"', 'gzip;a="\\", "', '"'],
]);
const options = listOf([
  [3, 'keep-alive', 'close', 'Close', 'TE', 'closed', '', 'close x', '"close"'],
]);
const expectations = listOf([
  [3, '100-continue', '100-Continue', ''],
  [1, '100', 'tea', '100-continue;a', 'a="100-continue, b"'],
]);
const spelled = (...names: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...names.flatMap((one) => [one, one.toLowerCase(), one.toUpperCase()]));
const blank = among([
  [3, ' '],
  [1, '', '\t', ' \t '],
]);

function lineOf(field: fc.Arbitrary<string>, text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(field, blank, text, blank).map(([one, before, it, after]) => {
    return `${one}:${before}${it}${after}`;
  });
}

const soundHost = lineOf(spelled('Host'), among([[1, 'a', 'a.example:80', '', '[::1]']]));
const otherLine = among([
  [6, 'X: y', 'X:', 'Accept: */*', 'Hosts: b', 'X: "a, b"', 'X: \x80\xff\t~'],
  [
    1,
    'X : y',
    ' X: y',
    '\tfold',
    ': y',
    'nocolon',
    'X@: y',
    'X: \0',
    'X: a\x7f',
    'X: a\x1b',
    'X\xe9: y',
  ],
]);
const fields = fc.tuple(
  fc.oneof(
    { weight: 8, arbitrary: soundHost.map((line) => [line]) },
    { weight: 1, arbitrary: lineOf(spelled('Host'), authorities).map((line) => [line]) },
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.tuple(soundHost, soundHost) },
  ),
  fc.array(
    fc.oneof(
      { weight: 2, arbitrary: otherLine },
      { weight: 2, arbitrary: lineOf(spelled('Content-Length'), lengths) },
      { weight: 2, arbitrary: lineOf(spelled('Transfer-Encoding'), codings) },
      { weight: 2, arbitrary: lineOf(spelled('Connection'), options) },
      { weight: 1, arbitrary: lineOf(spelled('Expect'), expectations) },
    ),
    { maxLength: 3 },
  ),
);
const heads = fc
  .tuple(
    among([
      [9, ''],
      [1, '\r\n'],
    ]),
    method,
    target,
    version,
    fields,
    fc.boolean(),
  ) // prettier-ignore
  .map(([before, one, place, protocol, [hosts, others], first]) => {
    const lines = first ? [...hosts, ...others] : [...others, ...hosts];
    return [`${before}${one} ${place} ${protocol}`, ...lines].join('\r\n');
  });

/** Status of the first answer, whether it says that it is the last, and what it is of. */
function answerTo(head: string): string {
  const { reply } = parseHead(ask(`${head}\r\n\r\n`).bytes, false)!;
  const closes = value(reply, 'connection') === 'close';
  return `${reply.status} ${closes ? 'closes' : 'goes on'}`;
}

function reference(head: string): string {
  const { status, closes, path, method: one } = meaningOf(`${head}\r\n\r\n`);
  const found = status ?? statusOf(path, one);
  return `${found} ${closes || found === 400 ? 'closes' : 'goes on'}`;
}

function statusOf(path: string, one: string): number {
  const key = keyOf(path);
  if (key === -400) return 400;
  if (one === 'OPTIONS') return 204;
  return STATUS[key] ?? 404;
}

test('any head is answered as the grammar says', () => {
  const seen = new Map<string, number>();
  const agrees = (head: string): boolean => {
    const wanted = reference(head);
    seen.set(wanted, (seen.get(wanted) ?? 0) + 1);
    return answerTo(head) === wanted;
  };
  expect(counterexample(heads, FULL ? 1_000_000 : 20_000, agrees)).toBeUndefined();
  for (const status of [200, 204, 308, 404, 405, 421, 501]) {
    for (const end of ['closes', 'goes on']) {
      expect([status, end, (seen.get(`${status} ${end}`) ?? 0) > 9]).toEqual([status, end, true]);
    }
  }
  for (const status of [400, 417, 505]) {
    expect([status, (seen.get(`${status} closes`) ?? 0) > 9]).toEqual([status, true]);
  }
});

test('any head with a few bytes changed is answered as the grammar says', () => {
  const sound = fc
    .tuple(
      fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'POST'),
      fc.constantFrom('/', 'http://a/', '/?q'),
      fc.constantFrom('HTTP/1.1', 'HTTP/1.0'),
      fc.constantFrom(
        'X: y',
        'Content-Length: 0',
        'Transfer-Encoding: chunked',
        'Connection: close',
      ),
    )
    .map(([one, place, protocol, line]) => `${one} ${place} ${protocol}\r\nHost: a\r\n${line}`);
  const seen = { refused: 0, all: 0 };
  const agrees = (head: string): boolean => {
    seen.all++;
    const wanted = reference(head);
    if (wanted.startsWith('400')) seen.refused++;
    return answerTo(head) === wanted;
  };
  const letters = '\r\n\t \0:/*?#,.0159HTPahkdcol-\x7f\x80';
  const runs = FULL ? 1_000_000 : 20_000;
  expect(counterexample(edited(sound, letters), runs, agrees)).toBeUndefined();
  expect(seen.refused).toBeGreaterThan(runs / 8);
  expect(seen.all - seen.refused).toBeGreaterThan(runs / 8);
});
