// rules.test.ts: tables of rules in the words of `_redirects`, and where cdbinspect shows them.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eachRule, ruleLine } from '../../../archiver/inspect/rules.ts';
import { temporaryFolder } from '../../support/site.ts';
import { makeSite, runPack } from '../fixture.ts';
import { ranOn, runOn } from './run.ts';
import { opened } from '../../support/entries.ts';

const RULES = [
  '/blog/:year/:title /posts/:title?y=:year 301',
  '/old/* /new/:splat 302',
  '/app/* /app.html 200',
  '/api/:id /data/:id.json 200',
  '/lost/* /app.html 404',
  '/all/* https://other.example/ 308',
];

async function packed(rules: readonly string[], ...flags: string[]): Promise<string> {
  const files = { 'app.html': 'app', 'data/1.json': '{}', _redirects: rules.join('\n') };
  const target = join(temporaryFolder(), 'a.cdb');
  expect((await runPack([makeSite(files), target, '--quiet', ...flags])).code).toBe(0);
  return target;
}

const target = await packed(RULES);
const archive = opened(target);

test('each rule is told in its order', () => {
  const body = expect.stringMatching(/^[/a-z*]+ \(body [0-9a-f]{16}\) (200|404)$/) as string;
  expect([...eachRule(archive)].map((rule) => ruleLine(archive, rule))).toEqual([
    '/blog/:1/:2 /posts/:2?y=:1 301',
    '/old/* /new/:splat 302',
    body,
    '/api/:1 /data/:1.json 200',
    body,
    '/all/* https://other.example/ 308',
  ]);
  expect([...eachRule(archive, 'a.example')]).toEqual([]);
});

test('list has them after the paths', async () => {
  const lines = (await runOn(target, 'list', '/old')).toString().split('\n');
  expect(lines).toEqual([expect.stringMatching(/^302 .* \/old\/\* -> \/new\/:splat$/), '']);
  const objects = (await runOn(target, 'list', '--json')).toString().trimEnd().split('\n');
  const rules = objects.map((line) => JSON.parse(line) as { key: string; rule?: true });
  expect(rules.filter(({ rule }) => rule).map(({ key }) => key)).toEqual([
    '/blog/:1/:2',
    '/old/*',
    '/app/*',
    '/api/:1',
    '/lost/*',
    '/all/*',
  ]);
  expect(rules.at(-6)).toMatchObject({ status: 301, location: '/posts/:2?y=:1' });
  expect(rules.at(-4)).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
});

test('diff tells rules that come, go and change places', async () => {
  const diff = async (rules: readonly string[]) => {
    const { code, out } = await ranOn(target, ['diff', await packed(rules)]);
    return [code, out.toString()];
  };
  expect(await diff(RULES)).toEqual([0, '']);
  expect(await diff([...RULES.slice(1), '/n/* /app 301'])).toEqual([
    1,
    'r  rules\n     - /blog/:1/:2 /posts/:2?y=:1 301\n     + /n/* /app 301\n',
  ]);
  expect(await diff([...RULES.slice(1), RULES[0]!])).toEqual([1, 'r  rules  in another order\n']);
  expect((await diff([]))[1]).toMatch(/^r {2}rules\n/);
});
