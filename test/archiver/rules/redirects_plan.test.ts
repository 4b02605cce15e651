// redirects_plan.test.ts: which keys rules take, and which rules are told to have no effect.
import { expect, test } from 'vitest';
import { planRules, ruledKeys, told } from './plan_rules.ts';

/** Where no rule of a site can lead round. */
const AWAY = 'https://b.example/';
const SITE = ['index.html', 'a.html', 'd/index.html', 'd/e.txt', '404.html'];

test('a rule for one path is two keys, of the root one', () => {
  const planned = planRules(SITE, '/x /y\n/z/ https://b.example/?q#f 302\n/ /home 307!');
  expect(ruledKeys(planned)).toEqual([
    '/ 307 /home',
    '/x 301 /y',
    '/x/ 301 /y',
    '/z 302 https://b.example/?q#f',
    '/z/ 302 https://b.example/?q#f',
  ]);
  expect(told(planned)).toEqual([]);
  expect([...planned.plan.routes].map(({ key }) => key)).not.toContain('/');
});

test('a file wins over a rule, for both its keys, and a forced rule over a file', () => {
  const planned = planRules(SITE, '/a /y\n/d /y\n/d/e.txt /y\n/a.html /y 301!');
  expect(ruledKeys(planned)).toEqual(['/a.html 301 /y', '/a.html/ 301 /y']);
  expect(told(planned)).toEqual(
    [1, 2, 3].map((line) => expect.stringMatching(`^${line}\\? it has no effect`)),
  );
});

test('the first rule for a path wins; what comes after it is told', () => {
  const planned = planRules(
    SITE,
    `/x /1\n/x/ /2\n/n/* /3\n/n/a /4\n/n/b/* /5\n/:p ${AWAY}\n/:q /7`,
  );
  expect(ruledKeys(planned)).toEqual(['/x 301 /1', '/x/ 301 /1']);
  expect(planned.plan.redirects.tables[0]!.rules.map(({ rule }) => rule.line)).toEqual([3, 6]);
  expect(told(planned)).toEqual([
    expect.stringMatching(/^2\? .*line 1 is for the same path/),
    expect.stringMatching(/^4\? .*line 3 matches first/),
    expect.stringMatching(/^5\? .*line 3 matches first/),
    expect.stringMatching(/^7\? .*line 6 matches first/),
  ]);
});

test('a forced rule with captures is resolved against all keys, first match first', () => {
  const planned = planRules(SITE, '/d/e.txt /kept 302!\n/d/* /new/:splat 301!\n/d/* /later 301!');
  expect(ruledKeys(planned)).toEqual([
    '/d 301 /new/',
    '/d/ 301 /new/',
    '/d/e.txt 302 /kept',
    '/d/e.txt/ 302 /kept',
    '/d/index.html 301 /new/index.html',
  ]);
  expect([...planned.plan.routes].map(({ key }) => key)).toEqual([
    '/',
    '/404',
    '/404.html',
    '/404/',
    '/a',
    '/a.html',
    '/a/',
    '/index.html',
  ]);
});

test('a forced wildcard above a rule is there first, one that is not only where no file is', () => {
  const text = (mark: string) => `/d/* /new 301${mark}\n/d/e.txt /x 302!`;
  expect(ruledKeys(planRules(SITE, text(''))).join()).toContain('/d/e.txt 302 /x');
  expect(ruledKeys(planRules(SITE, text('!'))).join()).not.toContain('/x');
});

test('pages of rules are files of the site, by any of their paths', () => {
  const text = '/1 /a 200\n/2 /a.html 404\n/3 /d 200\n/4 / 200\n/a.html /a 200!';
  for (const style of ['both', 'clean'] as const) {
    const keys = ruledKeys(planRules(SITE, text, { style }));
    expect(keys).toEqual(
      expect.arrayContaining([
        '/1 200 a.html',
        '/2/ 404 a.html',
        '/3 200 d/index.html',
        '/4 200 index.html',
      ]),
    );
  }
});

test('what leads to no file cannot be honoured, and the others are planned without it', () => {
  const planned = planRules(SITE, '/1 /none 200\n/2 /none 404\n/3/* /none 200\n/4 /x');
  expect(told(planned)).toEqual(
    [1, 2, 3].map((line) => expect.stringMatching(`^${line}! .*no file`)),
  );
  expect(ruledKeys(planned)).toEqual(['/4 301 /x', '/4/ 301 /x']);
  expect(planned.plan.redirects.tables).toEqual([]);
});

test('a forced rewrite of a file to itself changes nothing', () => {
  const planned = planRules(['index.html', 'b.txt'], '/* /index.html 200!');
  expect(ruledKeys(planned)).toEqual(['/b.txt 200 index.html']);
});

test('keys of a host have its name', () => {
  const planned = planRules(SITE, `/x /y\n/d/* /z 301!\n/:p ${AWAY}`, { host: 'a.example' });
  expect(ruledKeys(planned)[0]).toBe('@a.example/d 301 /z');
  expect(ruledKeys(planned)).toContain('@a.example/x 301 /y');
  expect(planned.plan.redirects.tables.map(({ host }) => host)).toEqual(['a.example']);
});

test('10,000 rules over each other are planned in little time', () => {
  const lines = Array.from({ length: 10_000 }, (_, at) => `/p${at % 5_000} /q${at}\n`);
  const planned = planRules(SITE, lines.join(''));
  expect([ruledKeys(planned).length, told(planned).length]).toEqual([10_000, 5_000]);
});
