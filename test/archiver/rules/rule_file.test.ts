// rule_file.test.ts: reading `_headers` and `_redirects` from the root of a site.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  RULE_FILE_BYTES_MAX,
  faultOfLine,
  readLines,
  readRuleFile,
} from '../../../archiver/rules/rule_file.ts';
import { makeSite, siteOf } from '../fixture.ts';

const read = (root: string) => readRuleFile(siteOf(root), '_headers');

test('lines have numbers, and no white space at their ends', () => {
  expect(readLines(Buffer.from('\ufeff/a\r\n \tX: y \n\nlast'))).toEqual([
    { number: 1, text: '/a' },
    { number: 2, text: 'X: y' },
    { number: 3, text: '' },
    { number: 4, text: 'last' },
  ]);
});

test('the file at the root is read, also through a link', () => {
  const site = makeSite({ _headers: '/a', 'rules.txt': '/b', 'sub/_headers': '/c' });
  expect(read(site)).toEqual([{ number: 1, text: '/a' }]);
  const other = makeSite({ 'rules.txt': '/b' });
  symlinkSync('rules.txt', join(other, '_headers'));
  expect(read(other)).toEqual([{ number: 1, text: '/b' }]);
});

test('no file and a folder of that name are no rules', () => {
  const site = makeSite({ 'a.txt': '' });
  expect(read(site)).toEqual([]);
  mkdirSync(join(site, '_headers'));
  expect(read(site)).toEqual([]);
});

test('a link to nothing and a pipe are errors, not sites without rules', () => {
  const site = makeSite({ 'a.txt': '' });
  symlinkSync('nowhere', join(site, '_headers'));
  expect(() => read(site)).toThrow(/cannot read .*_headers: ENOENT/);
  const other = makeSite({ 'a.txt': '' });
  execFileSync('mkfifo', [join(other, '_headers')]);
  expect(() => read(other)).toThrow(/cannot read .*_headers: it is no longer a file/);
});

test('a file of more bytes than rules may have is refused', () => {
  const site = makeSite({ _headers: ' '.repeat(RULE_FILE_BYTES_MAX + 1) });
  expect(() => read(site)).toThrow(/_headers has 8,388,609 bytes; 8,388,608 is the most/);
});

test('characters that stand in no line', () => {
  expect(faultOfLine('a\0')).toMatch(/NUL/);
  expect(faultOfLine('a\rb')).toMatch(/CR/);
  expect(faultOfLine(readLines(Buffer.from([0x61, 0xff]))[0]!.text)).toMatch(/UTF-8/);
  expect(faultOfLine('é \u{1f600}')).toBeUndefined();
});
