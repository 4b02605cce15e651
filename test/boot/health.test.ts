// health.test.ts: the path of health reaches the hot zone, and hides no page of an archive.
import { closeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expectNoPage, openHealth } from '../../src/boot/health.ts';
import { type Archive, loadArchive } from '../../src/boot/load.ts';
import { EXIT, type Failure } from '../../src/errors.ts';
import { HEALTH_BYTES, health, healthPath } from '../../src/hot/health.ts';
import { loadWall } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { packSite } from '../support/site.ts';

const wall = loadWall(addonPath('wall'));

test('the hot zone is told', () => {
  openHealth('/healthz');
  const told = healthPath.subarray(0, health[HEALTH_BYTES]);
  expect(Buffer.from(told).toString()).toBe('/healthz');
  openHealth('');
  expect(health[HEALTH_BYTES]).toBe(0);
});

function refusalOf(archive: Archive, path: string): Failure | undefined {
  try {
    expectNoPage(archive, 'site.cdb', path);
    return undefined;
  } catch (error) {
    return error as Failure;
  }
}

test('a page of the default site or of a host is in its way, a fallback is not', async () => {
  const files = { 'index.html': 'home', 'here.txt': 'here', '404.html': 'nothing' };
  const { archive: path } = await packSite(files);
  const archive = loadArchive(wall, path);
  expect(refusalOf(archive, '/healthz')).toBeUndefined();
  expect(refusalOf(archive, '')).toBeUndefined();
  const refusal = refusalOf(archive, '/here.txt');
  expect(refusal!.exitCode).toBe(EXIT.usage);
  expect(refusal!.message).toBe(
    '--health-path /here.txt: site.cdb has a page there (/here.txt). Take another path.',
  );
  closeSync(archive.descriptor);
});

test('a page of a named site is in its way too', async () => {
  const { folder } = await packSite({ 'here.txt': 'here' });
  const { archive: path } = await packSite({ 'index.html': '' }, ['--host', `a.example=${folder}`]);
  const archive = loadArchive(wall, path);
  expect(refusalOf(archive, '/here.txt')!.message).toContain('(@a.example/here.txt)');
  expect(refusalOf(archive, '/there.txt')).toBeUndefined();
  closeSync(archive.descriptor);
});
