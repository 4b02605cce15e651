// methods.test.ts: the methods of the IANA registry, and what is none.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import * as methods from '../../src/hot/methods.ts';
import { inbox } from '../../src/hot/ring.ts';

/** HTTP Method Registry, without `*`, which is no method. */
const REGISTERED = [
  ['ACL', 'BASELINE-CONTROL', 'BIND', 'CHECKIN', 'CHECKOUT', 'CONNECT', 'COPY', 'DELETE', 'GET'],
  ['HEAD', 'LABEL', 'LINK', 'LOCK', 'MERGE', 'MKACTIVITY', 'MKCALENDAR', 'MKCOL', 'MOVE'],
  ['MKREDIRECTREF', 'MKWORKSPACE', 'OPTIONS', 'ORDERPATCH', 'PATCH', 'POST', 'PRI', 'PROPFIND'],
  ['PROPPATCH', 'PUT', 'QUERY', 'REBIND', 'REPORT', 'SEARCH', 'TRACE', 'UNBIND', 'UNCHECKOUT'],
  ['UNLINK', 'UNLOCK', 'UPDATE', 'UPDATEREDIRECTREF', 'VERSION-CONTROL'],
].flat();
const OWN: Readonly<Record<string, number>> = {
  GET: methods.GET,
  HEAD: methods.HEAD,
  OPTIONS: methods.OPTIONS,
  CONNECT: methods.CONNECT,
};

function methodOf(token: string): number {
  inbox.set(Buffer.from(`${token} /`), 9);
  return methods.methodOf(9, 9 + token.length);
}

test.each(REGISTERED)('%s is known', (token) => {
  expect(methodOf(token)).toBe(OWN[token] ?? methods.NOT_ALLOWED);
});

test.each(REGISTERED)('%s in another case, longer or shorter is unknown', (token) => {
  expect(methodOf(token.toLowerCase())).toBe(methods.UNKNOWN);
  expect(methodOf(`${token}S`)).toBe(methods.UNKNOWN);
  expect(methodOf(`X${token}`)).toBe(methods.UNKNOWN);
  const shorter = token.slice(0, -1);
  expect(methodOf(shorter)).toBe(REGISTERED.includes(shorter) ? methodOf(shorter) : 6);
});

test('any other token is unknown', () => {
  const tokens = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,40}$/);
  fc.assert(
    fc.property(tokens, (token) => {
      expect(methodOf(token) === methods.UNKNOWN).toBe(!REGISTERED.includes(token));
    }),
  );
});

test('refused methods stand above OPTIONS: decide.ts compares', () => {
  expect([methods.GET, methods.HEAD].every((method) => method < methods.OPTIONS)).toBe(true);
  const { CONNECT, NOT_ALLOWED, OPTIONS, UNKNOWN } = methods;
  expect([NOT_ALLOWED, CONNECT, UNKNOWN].every((method) => method > OPTIONS)).toBe(true);
});
