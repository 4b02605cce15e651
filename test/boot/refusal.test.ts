// refusal.test.ts: what an operator reads when an archive is refused.
import { expect, test } from 'vitest';
import { CHANGED, describeKey, kindOf, refusal } from '../../src/boot/refusal.ts';
import { EXIT } from '../../src/errors.ts';

test('it names file, place, finding and remedy', () => {
  const failure = refusal('site.cdb', 'record "/a"', 'no body', CHANGED);
  expect(failure.exitCode).toBe(EXIT.archiveRefused);
  expect(failure.message).toBe(`site.cdb: refused at record "/a": no body. ${CHANGED}`);
  expect(refusal('a', '', 'b', 'C.').message).toBe('a: refused: b. C.');
});

test.each([
  ['cdbsite', 'manifest'],
  ['rules', 'rules'],
  ['/', 'route'],
  ['@host/', 'route'],
  ['@host', 'host'],
  ['@', 'host'],
  ['404/', 'fallback'],
  ['404/docs/', 'fallback'],
  ['404@host/', 'fallback'],
  ['404@', 'fallback'],
  ['200/', 'rewrite'],
  ['200@host/docs/', 'rewrite'],
  ['404', 'unknown'],
  ['200', 'unknown'],
  ['308/', 'unknown'],
  ['404x/', 'unknown'],
  ['', 'unknown'],
  [`b${'x'.repeat(32)}`, 'body'],
  [`h${'x'.repeat(32)}`, 'head'],
  [`b${'x'.repeat(31)}`, 'unknown'],
])('the key %j is of kind %s', (key, kind) => {
  expect(kindOf(Buffer.from(key))).toBe(kind);
});

test('a key is shown without its control bytes', () => {
  expect(describeKey(Buffer.from('/a\u001b[2J\n"\u009b\u202e'))).toBe(
    String.raw`record "/a\u001b[2J\n\"\u009b\u202e"`,
  );
  expect(describeKey(Buffer.concat([Buffer.from('b'), Buffer.alloc(32, 0xab)]))).toBe(
    'body record abababababababab',
  );
  expect(describeKey(Buffer.from('/'.padEnd(300, 'a')))).toMatch(/^record "\/a{199}" and so on$/);
});
