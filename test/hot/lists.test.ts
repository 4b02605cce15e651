// lists.test.ts: the members of a comma list.
import { expect, test } from 'vitest';
import * as lists from '../../src/hot/lists.ts';
import { inbox } from '../../src/hot/ring.ts';

const AT = 50;

/** The members of a list, without the white space round them. */
function members(text: string, endOf: (from: number, end: number) => number): string[] {
  inbox.set(Buffer.from(`${text},x`), AT);
  const end = AT + text.length;
  const found: string[] = [];
  for (let at = AT, stop = at; at < end; at = stop + 1) {
    stop = endOf(at, end);
    const start = lists.skipBlank(at, stop);
    const bytes = inbox.subarray(start, lists.trimEnd(start, stop));
    found.push(Buffer.from(bytes).toString());
  }
  return found;
}

test.each([
  ['', []],
  ['a', ['a']],
  ['a,b', ['a', 'b']],
  [' a \t,\t b ', ['a', 'b']],
  [',,a,', ['', '', 'a']],
  [' ', ['']],
  ['a b, c', ['a b', 'c']],
])('%j has the members %j', (text, wanted) => {
  expect(members(text, lists.comma)).toEqual(wanted);
  expect(members(text, lists.memberEnd)).toEqual(wanted);
});

test.each([
  ['a="b,c", d', ['a="b,c"', 'd']],
  ['a="b\\",c", d', ['a="b\\",c"', 'd']],
  ['a="b, c', ['a="b, c']],
  ['a="b\\', ['a="b\\']],
  ['a\\,b', ['a\\', 'b']],
])('the commas of quoted strings in %j do not count', (text, wanted) => {
  expect(members(text, lists.memberEnd)).toEqual(wanted);
});
