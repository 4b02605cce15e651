// prometheus.full.test.ts: Prometheus itself reads the page: its parsers, its linter, a scrape.
//
// Unpacked and not installed: Debian's package would start it on this machine.
import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { onEnd } from '../support/cleanup.ts';
import { record } from '../support/ledger.ts';
import { startServer } from '../support/server.ts';
import { packSite, runCommand, temporaryFolder } from '../support/site.ts';
import { exchange, get } from '../support/wire.ts';

const folder = temporaryFolder();
const program = (name: string): string => join(folder, 'usr', 'bin', name);
let admin: number;

async function run(command: string, ...args: readonly string[]): Promise<string> {
  const ended = await runCommand(command, args, { cwd: folder });
  if (ended.code !== 0) throw new Error(`${command} ${args.join(' ')}\n${ended.stderr}`);
  return ended.stdout;
}

beforeAll(async () => {
  await run('apt-get', 'download', '-q', 'prometheus');
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.deb'));
  await run('dpkg', '-x', file!, '.');
  const { archive } = await packSite({ 'index.html': 'a' });
  const server = await startServer(archive, ['--admin', '127.0.0.1:0'], { workers: 2 });
  admin = Number(/, admin http:\/\/127\.0\.0\.1:(\d+)\//.exec(server.startLine)![1]);
  for (let index = 0; index < 3; index++) await exchange(server.port, get('/'));
  await exchange(server.port, 'nonsense\r\n\r\n');
}, 300_000);

async function page(): Promise<string> {
  const last = performance.now() + 20_000;
  for (;;) {
    const { body } = await exchange(admin, 'GET /metrics HTTP/1.1\r\n\r\n');
    const text = body.toString();
    if (/method="GET"} 3\n[^]*seconds_count 4\n/.test(text)) return text;
    if (performance.now() > last) throw new Error(text);
    await sleep(100);
  }
}

test('promtool takes the page as OpenMetrics', async () => {
  const timed = (await page()).replaceAll(/^(?!#)(.+)$/gm, '$1 1700000000');
  writeFileSync(join(folder, 'page'), timed);
  const said = await run(
    program('promtool'),
    'tsdb',
    'create-blocks-from',
    'openmetrics',
    'page',
    'tsdb',
  );
  expect(said).toContain('NUM SERIES');
});

/** Types and names as they were before OpenMetrics: promtool lints no other. */
function classic(text: string): string {
  const counters = [...text.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, name]) => name!);
  const renamed = counters.reduce((all, name) => {
    return all.replaceAll(new RegExp(`^(# (?:TYPE|HELP) ${name}) `, 'gm'), '$1_total ');
  }, text);
  return renamed
    .replaceAll(/^# TYPE (\S+) info$/gm, '# TYPE $1_info gauge')
    .replaceAll(/^# HELP (cdbserve_(?:archive|build)) /gm, '# HELP $1_info ');
}

test('promtool finds no fault with names, units and texts', async () => {
  writeFileSync(join(folder, 'classic'), classic(await page()));
  const command = `exec ${program('promtool')} check metrics <classic`;
  const ended = await runCommand('sh', ['-c', command], { cwd: folder });
  expect([ended.code, ended.stdout, ended.stderr]).toEqual([0, '', '']);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('Prometheus scrapes it', async () => {
  const began = performance.now();
  const targets = `static_configs: [{targets: ['127.0.0.1:${admin}']}]`;
  const config = `scrape_configs:\n- {job_name: cdbserve, scrape_interval: 1s, ${targets}}\n`;
  writeFileSync(join(folder, 'prometheus.yml'), config);
  const web = `127.0.0.1:${await freePort()}`;
  const args = ['--config.file=prometheus.yml', '--storage.tsdb.path=data'];
  const child = spawn(program('prometheus'), [...args, `--web.listen-address=${web}`], {
    cwd: folder,
    stdio: 'ignore',
  });
  const exited = new Promise((resolve) => child.once('close', resolve));
  onEnd(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const ask = async (query: string): Promise<string | undefined> => {
    const url = `http://${web}/api/v1/query?query=${encodeURIComponent(query)}`;
    const answer = (await fetch(url).then(
      (reply) => reply.json(),
      () => ({}),
    )) as {
      data?: { result: readonly { value: readonly [number, string] }[] };
    };
    return answer.data?.result[0]?.value[1];
  };
  const last = performance.now() + 60_000;
  while ((await ask('up{job="cdbserve"}')) !== '1') {
    if (performance.now() > last) throw new Error('not scraped within a minute');
    await sleep(250);
  }
  expect(await ask('sum(cdbserve_http_requests_total{code="200"})')).toBe('3');
  expect(await ask('cdbserve_http_request_duration_seconds_count')).toBe('4');
  expect(await ask('cdbserve_workers')).toBe('2');
  expect(await ask('count(cdbserve_archive_info)')).toBe('1');
  const seconds = Math.round((performance.now() - began) / 1_000);
  record('Prometheus scrapes the admin listener', { seconds });
}, 120_000);
