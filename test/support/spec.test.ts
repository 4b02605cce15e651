// spec.test.ts: the notation of the documents means what their README says.
import { expect, test } from 'vitest';
import { encode, parseSpec, siteOf } from './spec.ts';

const nothing = new Map<string, string>();
const wire = (source: string) => encode(source, nothing).bytes.toString('latin1');

test('a head gets its end, a block with an empty line none', () => {
  expect(wire('GET / HTTP/1.1\nHost: a')).toBe('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(wire('GET / HTTP/1.0\n')).toBe('GET / HTTP/1.0\r\n\r\n');
  expect(wire('A: b\n\nbody\\')).toBe('A: b\r\n\r\nbody');
  expect(wire('GET\\')).toBe('GET');
});

test('escapes stand for one byte, other characters are UTF-8', () => {
  expect(wire('\\x00\\xff\\t\\\\\\"é\\')).toBe('\0\xff\t\\"\xc3\xa9');
  expect(wire('\\*3{ab\\r\\n}\\')).toBe('ab\r\nab\r\nab\r\n');
  expect(() => wire('\\q\\')).toThrow('no such escape');
});

test('a mark sends nothing and counts the bytes before it', () => {
  expect(encode('ab\\!c\\', nothing)).toEqual({ bytes: Buffer.from('abc'), answeredAt: 2 });
  expect(encode('\\x01\\!c\\', nothing)).toEqual({ bytes: Buffer.from('\x01c'), answeredAt: 1 });
});

test('placeholders are filled in', () => {
  const known = new Map([['etag / gzip', '"x"']]);
  expect(encode('A: {{etag / gzip}}', known).bytes.toString()).toBe('A: "x"\r\n\r\n');
  expect(() => wire('A: {{etag / br}}')).toThrow('nothing is known');
});

test('requests above one reply block are cases of their own', () => {
  const text =
    '## Title\nwhy\n```http\nA\n```\n```http half-close\nB\n```\n```reply\n200 a=b !c d="e f" body=""\nopen\n```\n';
  const cases = parseSpec('x.md', text);
  expect(cases.map((spec) => [spec.title, spec.line, spec.source, spec.halfClose])).toEqual([
    ['Title', 3, 'A', false],
    ['Title', 6, 'B', true],
  ]);
  const [first, second] = cases;
  expect(first?.replies).toEqual(second?.replies);
  expect(first?.end).toBe('open');
  expect(first?.replies[0]?.body).toBe('');
  expect(first?.replies[0]?.fields).toEqual([
    { name: 'a', value: 'b' },
    { name: 'c', value: undefined },
    { name: 'd', value: 'e f' },
  ]);
});

test.each([
  ['a reply without request', '```reply\n200\nopen\n```\n', 'no request'],
  ['a request without reply', '```http\nA\n```\n', 'no reply'],
  ['a block without end', '```http\nA\n', 'no end'],
  ['another language', '```json\n1\n```\n', 'either http or reply'],
  ['a reply without ending', '```http\nA\n```\n```reply\n200\n```\n', 'open or closed'],
  ['a field that says nothing', '```http\nA\n```\n```reply\n200 etag\nopen\n```\n', 'says nothing'],
  ['another flag', '```http fast\nA\n```\n```reply\n200\nopen\n```\n', 'no such flag'],
])('%s is refused with its place', (_, text, message) => {
  expect(() => parseSpec('x.md', text)).toThrow(new RegExp(`^x.md:\\d+: .*${message}`));
});

test('the front of a document names its site', () => {
  expect(siteOf('# Title\n\nSite: clean\n\n## Case\n')).toBe('clean');
  expect(siteOf('# Title\n\n## Case\nSite: clean\n')).toBeUndefined();
});
