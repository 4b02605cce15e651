// verdict.test.ts: a verdict is read as what somebody may say who is not to be trusted.
import { expect, test } from 'vitest';
import { SITES } from '../../src/boot/orders.ts';
import { type Verdict, readVerdict, writeVerdict } from '../../src/boot/verdict.ts';

const SOUND = { files: 3, digest: 'ab'.repeat(32), site: 5, msealed: true };

test.each<Verdict>([{ sound: SOUND }, { refused: 'refused at record "/ä": no body. Pack again.' }])(
  'what is written is read: %j',
  (verdict) => {
    expect(readVerdict(writeVerdict(verdict))).toEqual(verdict);
  },
);

test.each([
  '',
  'null',
  '[]',
  '7',
  '"sound"',
  '{}',
  '{"sound":null}',
  '{"sound":{',
  '{"refused":7}',
  ...[
    { files: -1 },
    { files: 1.5 },
    { files: '3' },
    { files: 2 ** 32 },
    { digest: 'ab'.repeat(31) },
    { digest: `${'AB'.repeat(32)}` },
    { digest: `${'ab'.repeat(32)}\n` },
    { digest: 7 },
    { site: SITES },
    { site: -1 },
    { site: null },
    { msealed: 1 },
  ].map((change) => JSON.stringify({ sound: { ...SOUND, ...change } })),
])('%s is no verdict', (text) => {
  expect(readVerdict(text)).toBeUndefined();
});

test('nothing is taken over but what is known', () => {
  const more = { ...SOUND, path: '/etc/passwd', __proto__: { files: 1 } };
  expect(readVerdict(JSON.stringify({ sound: more }))).toEqual({ sound: SOUND });
});

test('a refusal is one line of bounded length that commands no terminal', () => {
  const refused = `a\n\u001b[2J\u009b\u202eb\u2028${'x'.repeat(10_000)}`;
  const verdict = readVerdict(JSON.stringify({ refused })) as { readonly refused: string };
  expect(verdict.refused).toMatch(/^a\?\?\[2J\?\?b\?x+$/);
  expect(verdict.refused.length).toBeLessThanOrEqual(2_000);
});
