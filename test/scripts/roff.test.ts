// roff.test.ts: Markdown to man(7): what means something to roff is only text.
import { expect, test } from 'vitest';
import { roffOf } from '../../scripts/roff.mjs';

const linesOf = (markdown: string): string[] => {
  const page = { name: 'tool', section: 1, date: '2026-01-02', markdown };
  return roffOf(page, '1.0').trimEnd().split('\n').slice(4);
};

test('a page says what it was made from, and what it is', () => {
  const text = roffOf({ name: 'tool', section: 1, date: '2026-01-02', markdown: '' }, '1.0');
  expect(text).toContain('man/tool.1.md');
  expect(text).toContain('.TH TOOL 1 2026-01-02 "cdbserve 1.0" "cdbserve"');
});

test.each([
  ['## FILES\n\nText', ['.SH "FILES"', 'Text']],
  ['one\n\ntwo', ['.PP', 'one', '.PP', 'two']],
  ['**--a-b** *N*', ['.PP', '\\fB\\-\\-a\\-b\\fR \\fIN\\fR']],
  ['`a-b`, a-b', ['.PP', '\\fBa\\-b\\fR, a-b']],
  ['see [there](x.md)', ['.PP', 'see there']],
  ['- **-a**  \n  the help', ['.TP', '\\fB\\-a\\fR', 'the help']],
  ['- a point', ['.IP \\(bu 2', 'a point']],
  ["```\n.so x\n'a\\b\n```", ['.PP', '.RS 4', '.nf', '\\&.so x', '\\(aqa\\eb', '.fi', '.RE']],
  ['text\n.PP x', ['.PP', 'text', '\\&.PP x']],
  ['~^é…', ['.PP', '\\(ti\\(ha\\[u00E9]\\[u2026]']],
] as const)('%j', (markdown, lines) => {
  expect(linesOf(markdown)).toEqual(lines);
});

test('what Markdown escapes is itself', () => {
  expect(linesOf('a \\*b\\* \\[c\\] & \\<d\\>')).toEqual(['.PP', 'a *b* [c] & <d>']);
});

test.each(['| a |\n|---|\n| b |', '![a](b.png)', '> quoted', 'a <b>c</b>'])(
  '%j is refused',
  (text) => {
    expect(() => linesOf(text)).toThrow('a man page has no');
  },
);
