// verifier.test.ts: the bundled verifier alone, by way of the worker's bundle, with everything it
// inherits made here.
import { spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { VERIFIER, workerFlags } from '../src/boot/orders.ts';
import type { FixedOrders } from '../src/boot/orders.ts';
import { type Verdict, readVerdict } from '../src/boot/verdict.ts';
import { EXIT } from '../src/errors.ts';
import { loadWall } from '../src/native.ts';
import { readStatus } from '../src/ops/status.ts';
import { addonPath, workerBundle } from '../src/paths.ts';
import { onEnd } from './support/cleanup.ts';
import { ordersWith } from './support/orders.ts';
import { packSite, temporaryFolder } from './support/site.ts';

const wall = loadWall(addonPath('wall'));
const site = await packSite({ 'index.html': '<p>root' });

interface Ended {
  readonly code: number | null;
  readonly verdict: Verdict | undefined;
  readonly words: string | undefined;
}

async function sealed(path: string): Promise<number> {
  const file = openSync(path, 'r');
  const memory = await wall.sealFile(file);
  closeSync(file);
  onEnd(() => wall.closeDescriptor(memory));
  return memory;
}

async function run(path: string, others: Partial<FixedOrders> = {}): Promise<Ended> {
  const status = wall.createStatus();
  onEnd(() => wall.closeDescriptor(status));
  const archive = await sealed(path);
  const orders = JSON.stringify(ordersWith(others));
  const flags = workerFlags(others.lockdown ?? 'standard');
  const child = spawn(process.execPath, [...flags, workerBundle, orders, String(VERIFIER)], {
    env: { MALLOC_ARENA_MAX: '1', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'inherit', 'ignore', 'pipe', archive, status, archive, archive],
  });
  onEnd(() => void child.kill('SIGKILL'));
  const boot = child.stdio[4] as Readable;
  let said = '';
  boot.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const words = readStatus(status, (number) => wall.callName(number));
  return { code, verdict: readVerdict(said), words };
}

test.each<Partial<FixedOrders>>([{}, { lockdown: 'jitless' }, { sandbox: 'off' }])(
  '%j: a sound archive and one that is none',
  async (others) => {
    const good = await run(site.archive, others);
    expect(good).toMatchObject({ code: EXIT.ok, verdict: { sound: { files: 1 } } });
    const path = join(temporaryFolder(), 'text.cdb');
    writeFileSync(path, 'a text\n'.repeat(1_000));
    const bad = await run(path, others);
    expect(bad.code).toBe(EXIT.ok);
    expect(bad.verdict).toHaveProperty('refused', expect.stringContaining('text file'));
    expect([good.words, bad.words]).toEqual([undefined, undefined]);
  },
);
