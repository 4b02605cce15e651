// questions.test.ts: what a real service counts is what was done to it.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { version } from '../../src/paths.ts';
import { samplesOf } from '../support/openmetrics.ts';
import { openDescriptors, residentBytes } from '../support/proc.ts';
import { startServer } from '../support/server.ts';
import { packFolder, packSite, temporaryFolder, writeSite } from '../support/site.ts';
import { Wire, exchange, get } from '../support/wire.ts';

const page = join(temporaryFolder(), 'page');

async function samplesAt(port: number): Promise<ReadonlyMap<string, number>> {
  const reply = await exchange(port, 'GET /metrics HTTP/1.1\r\n\r\n');
  writeFileSync(page, reply.body);
  return samplesOf(page);
}

type Samples = Awaited<ReturnType<typeof samplesAt>>;

/** A worker shows its figures once in a turn. */
async function until(port: number, holds: (samples: Samples) => boolean): Promise<Samples> {
  const last = performance.now() + 20_000;
  for (;;) {
    const samples = await samplesAt(port);
    if (holds(samples)) return samples;
    if (performance.now() > last) throw new Error(JSON.stringify([...samples], undefined, 1));
    await sleep(50);
  }
}

const ANSWERED = 'cdbserve_http_requests_total';
const DURATION = 'cdbserve_http_request_duration_seconds';

test('requests, connections, deaths and reloads', async () => {
  const { folder, archive } = await packSite({ 'index.html': 'abc' });
  const server = await startServer(archive, ['--admin', '127.0.0.1:0'], { workers: 2 });
  const admin = Number(/, admin http:\/\/127\.0\.0\.1:(\d+)\//.exec(server.startLine)![1]);
  const fresh = await samplesAt(admin);
  expect(fresh.get('cdbserve_http_response_bytes_total')).toBe(0);
  const wire = await Wire.open(server.port);
  for (let index = 0; index < 5; index++) {
    wire.send(get('/'));
    await wire.reply();
  }
  await exchange(server.port, get('/none'));
  await exchange(server.port, 'nonsense\r\n\r\n');
  const served = await until(admin, (samples) => {
    return samples.get(`${DURATION}_count`) === 7 && samples.get('cdbserve_connections') === 1;
  });
  expect(served.get(`${ANSWERED}{code=200,method=GET}`)).toBe(5);
  expect(served.get(`${ANSWERED}{code=404,method=GET}`)).toBe(1);
  expect(served.get(`${ANSWERED}{code=400,method=none}`)).toBe(1);
  expect(served.get('cdbserve_http_response_bytes_total')).toBeGreaterThan(15);
  expect(served.get('cdbserve_connections_accepted_total')).toBe(3);
  expect(served.get('cdbserve_workers')).toBe(2);
  expect(served.get(`cdbserve_build_info{node=${process.version},version=${version}}`)).toBe(1);
  expect(served.get('process_open_fds')).toBeGreaterThan(openDescriptors(server.pid) / 2);
  expect(served.get('process_resident_memory_bytes')).toBeLessThan(2 * residentBytes(server.pid));
  const digests = (samples: Samples): string[] =>
    [...samples.keys()].filter((name) => name.startsWith('cdbserve_archive_info'));
  expect(digests(served)).toHaveLength(1);
  for (const pid of server.workers()) process.kill(pid, 'SIGKILL');
  const after = await until(
    admin,
    (samples) => samples.get('cdbserve_worker_restarts_total') === 2,
  );
  expect(after.get(`${ANSWERED}{code=200,method=GET}`)).toBe(5);
  expect(after.get('cdbserve_connections')).toBe(0);
  wire.destroy();
  writeSite(folder, { 'index.html': 'other' });
  await packFolder(folder, archive);
  server.signal('SIGHUP');
  const ok = 'cdbserve_archive_reloads_total{result=ok}';
  const reloaded = await until(admin, (samples) => samples.get(ok) === 1);
  expect(digests(reloaded)).not.toEqual(digests(served));
  expect(reloaded.get(`${ANSWERED}{code=200,method=GET}`)).toBe(5);
  rmSync(archive);
  server.signal('SIGHUP');
  const failed = 'cdbserve_archive_reloads_total{result=failed}';
  const refused = await until(admin, (samples) => samples.get(failed) === 1);
  expect([refused.get(ok), digests(refused)]).toEqual([1, digests(reloaded)]);
  await server.stop();
}, 60_000);
