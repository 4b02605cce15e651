// health.test.ts: the path of health reaches the hot zone, and hides no page of an archive.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { verifyArchive } from '../../src/boot/archive.ts';
import { expectNoPage, openHealth } from '../../src/boot/health.ts';
import { EXIT, type Failure } from '../../src/errors.ts';
import { HEALTH_BYTES, health, healthPath } from '../../src/hot/health.ts';
import { packSite } from '../support/site.ts';

test('the hot zone is told', () => {
  openHealth('/healthz');
  const told = healthPath.subarray(0, health[HEALTH_BYTES]);
  expect(Buffer.from(told).toString()).toBe('/healthz');
  openHealth('');
  expect(health[HEALTH_BYTES]).toBe(0);
});

async function refusalOf(path: string, healthPath: string): Promise<Failure | undefined> {
  const bytes = await readFile(path);
  const archive = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const manifest = verifyArchive(new Uint8Array(archive), 'site.cdb');
  try {
    expectNoPage(archive as ArrayBuffer, manifest, 'site.cdb', healthPath);
    return undefined;
  } catch (error) {
    return error as Failure;
  }
}

test('a page of the default site or of a host is in its way, a fallback is not', async () => {
  const files = { 'index.html': 'home', 'here.txt': 'here', '404.html': 'nothing' };
  const { archive } = await packSite(files);
  expect(await refusalOf(archive, '/healthz')).toBeUndefined();
  expect(await refusalOf(archive, '')).toBeUndefined();
  const refusal = await refusalOf(archive, '/here.txt');
  expect(refusal!.exitCode).toBe(EXIT.archiveRefused);
  expect(refusal!.message).toBe(
    'site.cdb: refused at record "/here.txt": a page where --health-path is. ' +
      'Take another path for one of the two.',
  );
});

test('a page of a named site is in its way too', async () => {
  const { folder } = await packSite({ 'here.txt': 'here' });
  const { archive } = await packSite({ 'index.html': '' }, ['--host', `a.example=${folder}`]);
  expect((await refusalOf(archive, '/here.txt'))!.message).toContain('"@a.example/here.txt"');
  expect(await refusalOf(archive, '/there.txt')).toBeUndefined();
});
