// sites.test.ts: what the supervisor knows of the archive reaches the look-up.
import { expect, test } from 'vitest';
import { openSites } from '../../src/boot/sites.ts';
import { ask, get, page, repliesOf, serve } from '../hot/harness.ts';

const SITE = {
  '/': page('root'),
  '200/': page('rewritten'),
  '@a.example/': page('named'),
};

const bodyFor = (host: string, target: string): string | number => {
  const [reply] = repliesOf(
    ask(Buffer.from(get(target).toString().replace('Host: a', `Host: ${host}`))),
  );
  return reply!.status === 200 ? reply!.body.toString() : reply!.status;
};

test('named sites, the default site and rewrites are found where they are said to be', () => {
  serve(SITE);
  openSites({ hosts: true, defaultSite: true, rewrites: true, rules: false });
  expect(bodyFor('a.example', '/')).toBe('named');
  expect(bodyFor('b.example', '/')).toBe('root');
  expect(bodyFor('b.example', '/nothing')).toBe('rewritten');
});

test('and nowhere else', () => {
  serve(SITE);
  openSites({ hosts: false, defaultSite: true, rewrites: false, rules: false });
  expect(bodyFor('a.example', '/')).toBe('root');
  expect(bodyFor('a.example', '/nothing')).toBe(404);
  openSites({ hosts: true, defaultSite: false, rewrites: false, rules: false });
  expect(bodyFor('b.example', '/')).toBe(421);
});
