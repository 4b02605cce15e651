// wildcards.test.ts: the first rule whose pattern a path has, against a naive reference.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RULE_SEGMENTS_MAX } from '../../src/format/layout.ts';
import { naiveMatch, patternWords } from '../archiver/rules/naive.ts';
import { get, head, page, reply, serve } from './harness.ts';
import type { SiteRule } from './harness.ts';
import { FULL } from '../support/ledger.ts';
import { value } from '../support/reply.ts';

const text = (value: string) => ({ kind: 0, capture: 0, text: value });

/** Leads to `/INDEX` and one parameter for each capture. */
function ruleOf(pattern: string, index: number): SiteRule {
  const parts = pattern.split('/').filter((part) => part !== '');
  const splat = parts.at(-1) === '*';
  const words = splat ? parts.slice(0, -1) : parts;
  const segments = words.map((part) => (part.startsWith(':') ? '' : decodeURIComponent(part)));
  const count = segments.filter((part) => part === '').length + Number(splat);
  const captured = Array.from({ length: count }, (_, capture) => [
    text('&'),
    { kind: 2, capture, text: '' },
  ]);
  const pieces = [text(`/${index}?`), ...captured.flat()];
  return { kind: 1, segments, splat, pieces, answer: { status: 302, location: '' } };
}

function expected(patterns: readonly string[], path: string): string | undefined {
  for (const [index, pattern] of patterns.entries()) {
    const captures = naiveMatch(pattern, path);
    if (!captures) continue;
    const shown = captures.map((capture) => {
      const plain = encodeURIComponent(capture);
      return `&${plain.replace(/[!'()*]/g, (it) => `%${it.charCodeAt(0).toString(16)}`)}`;
    });
    return `/${index}?${shown.join('')}`;
  }
  return undefined;
}

test('the first rule that matches is the one of the naive reference', () => {
  const patterns = fc.array(patternWords(), { minLength: 1, maxLength: 8 });
  const paths = fc.array(
    fc.array(fc.constantFrom('a', 'b', 'c d', '\u00fc', 'x'), { maxLength: 6 }),
    {
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(patterns, paths, (words, targets) => {
      const rules = words.map((parts) => `/${parts.join('/')}`);
      serve({}, { '': rules.map(ruleOf) });
      for (const segments of targets) {
        for (const path of [`/${segments.join('/')}`, `/${[...segments, ''].join('/')}`]) {
          if (path.includes('//')) continue;
          const answer = reply(get(encodeURI(path)));
          const location = expected(rules, path);
          expect([answer.status, value(answer, 'location')], path).toEqual(
            location === undefined ? [404, undefined] : [302, location],
          );
        }
      }
    }),
    { numRuns: FULL ? 2_000 : 60 },
  );
});

test('a path that the site has goes through no rule; a target that is no path neither', () => {
  serve({ '/there': page('there') }, { '': [ruleOf('/*', 0)] });
  expect(reply(get('/there')).status).toBe(200);
  expect(reply(get('/there/')).status).toBe(302);
  expect(reply(get('/not//there')).status).toBe(404);
  expect(reply(get('/a%2Fb')).status).toBe(404);
  expect(reply(get('/../a')).status).toBe(400);
  expect(reply(head('OPTIONS', '/else')).status).toBe(204);
  expect(reply(head('POST', '/else')).status).toBe(405);
  expect(reply(head('HEAD', '/else')).status).toBe(302);
});

test('a path with more segments than any rule matches a rest alone', () => {
  const longest = `/${'a/'.repeat(RULE_SEGMENTS_MAX)}`;
  const pattern = longest.slice(0, -1);
  serve({}, { '': [ruleOf(pattern, 0), ruleOf(`${pattern}/*`, 1)] });
  expect(value(reply(get(longest)), 'location')).toBe('/0?');
  expect(value(reply(get(`${longest}b`)), 'location')).toBe('/1?&b');
  expect(reply(get(`${longest}b/${'c/'.repeat(3_000)}`)).status).toBe(302);
  expect(reply(get(longest.slice(0, -2))).status).toBe(404);
});

test('rules belong to their site', () => {
  const pages = { '/x': page('x'), '@a/x': page('a'), '@b/x': page('b') };
  serve(pages, { '': [ruleOf('/*', 0)], a: [ruleOf('/:z', 1)] });
  const at = (host: string, path: string) =>
    value(reply(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`), 'location');
  expect(at('a', '/1')).toBe('/1?&1');
  expect(at('a', '/1/2')).toBe(undefined);
  expect(at('b', '/1')).toBe(undefined);
  expect(at('c', '/1')).toBe('/0?&1');
});
