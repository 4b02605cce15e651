// check.ts: holds one answer against its line in a document, and against what holds for every
// answer.
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { value, values } from '../support/reply.ts';
import type { Reply } from '../support/reply.ts';
import type { Files } from '../support/site.ts';
import { fillIn } from '../support/spec.ts';
import type { ExpectedReply } from '../support/spec.ts';
import { checkParts } from './parts.ts';

export interface Place {
  /** Named in every complaint. */
  readonly where: string;
  readonly known: ReadonlyMap<string, string>;
  readonly files: Files;
  /** The last answer of a connection that closes because of it. */
  readonly closing: boolean;
}

const IMF_FIXDATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export function checkReply(reply: Reply, expected: ExpectedReply, place: Place): void {
  const where = `${place.where}\n${show(reply)}`;
  expect(reply.status, where).toBe(expected.status);
  checkDate(reply, where);
  checkAlways(reply, place.closing, where);
  if (reply.status === 200 || reply.status === 206) checkContent(reply, where);
  if (reply.status === 416) expect(value(reply, 'content-range'), where).toMatch(/^bytes \*\/\d+$/);
  if (REDIRECTS.has(reply.status)) checkRedirect(reply, where);
  if (reply.status >= 400) checkError(reply, where);
  for (const field of expected.fields) {
    const given = values(reply, field.name.toLowerCase());
    if (field.value === undefined) expect(given, `${field.name}: ${where}`).toEqual([]);
    else if (field.value === '*') expect(given.length, `${field.name}: ${where}`).toBe(1);
    else expect(given, `${field.name}: ${where}`).toEqual([fillIn(field.value, place.known)]);
  }
  if (expected.only) {
    const names = reply.fields.map(([name]) => name.toLowerCase());
    expect(names.sort(), where).toEqual([...expected.only].sort());
  }
  checkBody(reply, expected, place.files, where);
}

function checkBody(reply: Reply, expected: ExpectedReply, files: Files, where: string): void {
  if (expected.body === undefined) return;
  const [, coding, ranges, file] = /^(?:(gzip)|([\d,-]+))?@(.+)$/s.exec(expected.body) ?? [];
  if (file === undefined) {
    expect(reply.body.toString('latin1'), where).toBe(expected.body);
    return;
  }
  const content = files[Buffer.from(file, 'latin1').toString()];
  if (content === undefined) throw new Error(`the site has no file ${file}`);
  if (ranges !== undefined) {
    checkParts(reply, ranges, file, Buffer.from(content), where);
    return;
  }
  const body = coding ? gunzipSync(reply.body) : reply.body;
  expect(body.equals(Buffer.from(content)), `the body: ${where}`).toBe(true);
}

/** http.md section 5: what every answer carries. The parser has seen to Content-Length. */
function checkAlways(reply: Reply, closing: boolean, where: string): void {
  const names = reply.fields.map(([name]) => name.toLowerCase());
  expect(new Set(names).size, `a field stands there twice: ${where}`).toBe(names.length);
  expect(names, where).not.toContain('server');
  const connection = values(reply, 'connection');
  if (closing) expect(connection, where).toEqual(['close']);
  else
    expect(
      connection.filter((option) => option !== 'keep-alive'),
      where,
    ).toEqual([]);
}

export function checkDate(reply: Reply, where: string): void {
  const date = value(reply, 'date') ?? '';
  expect(date, where).toMatch(IMF_FIXDATE);
  expect(new Date(date).toUTCString(), where).toBe(date);
  expect(Math.abs(Date.now() - Date.parse(date)), `Date is not now: ${where}`).toBeLessThan(3000);
}

function checkContent(reply: Reply, where: string): void {
  for (const name of ['content-type', 'cache-control', 'last-modified']) {
    expect(value(reply, name), `${name}: ${where}`).toBeDefined();
  }
  expect(value(reply, 'etag'), where).toMatch(/^"[\x21\x23-\x7e]+"$/);
  expect(value(reply, 'accept-ranges'), where).toBe('bytes');
  expect(value(reply, 'x-content-type-options'), where).toBe('nosniff');
  expect(value(reply, 'referrer-policy'), where).toBe('strict-origin-when-cross-origin');
  expect(value(reply, 'x-frame-options'), where).toBe('SAMEORIGIN');
}

/** Within the site, or to the one host that rules of a site name. */
function checkRedirect(reply: Reply, where: string): void {
  expect(value(reply, 'location'), where).toMatch(
    /^(?:https:\/\/b\.example)?\/(?![/\\])[!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]*$/,
  );
  expect(value(reply, 'cache-control'), where).toBe('public, max-age=3600');
  expect(values(reply, 'etag'), where).toEqual([]);
}

function checkError(reply: Reply, where: string): void {
  expect(value(reply, 'content-type'), where).toBeDefined();
  expect(value(reply, 'cache-control'), where).toBe('no-store');
  for (const name of ['etag', 'last-modified', 'accept-ranges']) {
    expect(values(reply, name), `${name}: ${where}`).toEqual([]);
  }
}

function show(reply: Reply): string {
  const fields = reply.fields.map(([name, text]) => `${name}: ${text}`);
  return [`${reply.status} ${reply.reason}`, ...fields].join('\n');
}
