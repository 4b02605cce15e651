// inside.test.ts: a program that breaks out, run where a worker would be: what it reaches.
import { chmodSync, closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { Sandbox } from '../../src/boot/orders.ts';
import { WORKER_DATA_BYTES_MAX } from '../../src/limits.ts';
import { loadWall } from '../../src/native.ts';
import { Channels } from '../../src/ops/channels.ts';
import { Spawner } from '../../src/ops/spawner.ts';
import type { Lack } from '../../src/ops/steps.ts';
import { addonPath, spawnerPath } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { temporaryFolder } from '../support/site.ts';
import { NOBODY, asOrdinary, isRoot, ordinaryId, withoutCapability } from '../support/starts.ts';

const wall = loadWall(addonPath('wall'));
const folder = temporaryFolder();
chmodSync(folder, 0o755);

/** Bytes taken at once by a worker that fills the memory. */
const CHUNK = 64 * 1024 * 1024;
const DESCRIPTORS = 200;

/** Each is tried, and what came of it is written to standard error as one line of JSON. */
const PROBE = `
  const fs = require('node:fs'), net = require('node:net');
  const child = require('node:child_process');
  const { port, pid, file } = JSON.parse(process.argv[2]);
  const fill = (take, release) => {
    const kept = [];
    try { for (;;) kept.push(take()); } catch { return kept.length; }
    finally { kept.forEach(release); }
  };
  const code = (act) => { try { act(); return 'done'; } catch (error) { return error.code; } };
  const said = {
    readPasswd: code(() => fs.readFileSync('/etc/passwd')),
    readOther: code(() => fs.readFileSync(file)),
    listFolder: code(() => fs.readdirSync('/var')),
    listTop: code(() => fs.readdirSync('/')),
    write: code(() => fs.writeFileSync('/probe', 'x')),
    makeFolder: code(() => fs.mkdirSync('/probes')),
    growFile: code(() => fs.writeSync(3, 'x')),
    signal: code(() => process.kill(pid, 0)),
    shell: code(() => child.execFileSync('/bin/sh')),
    becomeRoot: code(() => process.setuid(0)),
    descriptors: fill(() => fs.openSync(process.execPath), fs.closeSync),
    memory: fill(() => Buffer.alloc(${CHUNK}, 1), () => undefined),
  };
  const socket = net.connect(port, '127.0.0.1');
  const end = (connect) => {
    fs.writeSync(2, JSON.stringify({ ...said, connect }) + '\\n');
    process.exit(0);
  };
  socket.on('error', (error) => end(error.code));
  socket.on('connect', () => end('connected'));
`;

interface Said {
  readonly [probe: string]: unknown;
}

/** A spawner that is itself started in some way; it takes its arguments as the real one does. */
function spawnerThrough(wrapper: readonly string[]): string {
  if (wrapper.length === 0) return spawnerPath;
  const script = join(folder, `spawner-${wrapper.join('').replaceAll(/\W/g, '')}`);
  writeFileSync(script, `#!/bin/sh\nexec ${wrapper.join(' ')} ${spawnerPath} "$@"\n`);
  chmodSync(script, 0o755);
  return script;
}

async function probe(
  mode: Sandbox,
  id: number,
  wrapper: readonly string[],
): Promise<{ said: Said; lacks: readonly Lack[] }> {
  const script = join(folder, 'probe.cjs');
  writeFileSync(script, PROBE);
  const secret = join(folder, 'archive.cdb');
  writeFileSync(secret, 'x');
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onEnd(() => void server.close());
  const { port } = server.address() as { port: number };
  const orders = JSON.stringify({ port, pid: process.pid, file: secret });
  const spawner = new Spawner(wall, {
    path: spawnerThrough(wrapper),
    mode,
    uid: id,
    gid: id,
    descriptorsMax: DESCRIPTORS,
    dataBytesMax: WORKER_DATA_BYTES_MAX,
    files: [...wall.loadedFiles(), process.execPath, script],
    inherited: 2,
    command: [process.execPath, '--openssl-config=/nonexistent', script, orders],
  });
  onEnd(() => spawner.close());
  const lines: string[] = [];
  const channels = new Channels(wall, (line) => void lines.push(line));
  const target = openSync(join(folder, 'target'), 'w');
  const started = await spawner.start(0, 0, [channels.theirs[0], target]);
  channels.handOver();
  closeSync(target);
  expect([await started.ended, lines.length]).toEqual(['exit status 0', 1]);
  await channels.silent;
  channels.close();
  return { said: JSON.parse(lines[0]!) as Said, lacks: started.lacks };
}

const oneOf = (...codes: readonly string[]): unknown =>
  expect.stringMatching(new RegExp(`^(${codes.join('|')})$`));

const closed = {
  growFile: 'EFBIG',
  becomeRoot: oneOf('EPERM', 'EINVAL'),
  listTop: 'EACCES',
  descriptors: expect.toSatisfy((number: number) => number > 100 && number < DESCRIPTORS),
  memory: expect.toSatisfy((chunks: number) => chunks * CHUNK < WORKER_DATA_BYTES_MAX),
};

interface Way {
  readonly who: string;
  readonly id: number;
  readonly wrapper: readonly string[];
}

const ordinary: Way = { who: 'an ordinary user', id: ordinaryId, wrapper: asOrdinary };
const root: Way = { who: 'root', id: NOBODY, wrapper: [] };

test.each(isRoot ? [root, ordinary] : [ordinary])(
  'whoever breaks out of a worker started by $who is nowhere',
  async ({ id, wrapper }) => {
    const { said, lacks } = await probe('require', id, wrapper);
    expect(lacks).toEqual([]);
    expect(said).toEqual({
      ...closed,
      readPasswd: 'ENOENT',
      readOther: 'ENOENT',
      listFolder: 'ENOENT',
      write: 'EROFS',
      makeFolder: 'EROFS',
      signal: 'ESRCH',
      shell: 'ENOENT',
      connect: oneOf('ENETUNREACH', 'EACCES'),
    });
  },
);

test.each(isRoot ? [{ ...root, wrapper: withoutCapability('sys_admin') }] : [])(
  'without namespaces Landlock keeps a worker started by $who from files, ports and processes',
  async ({ id, wrapper }) => {
    const { said, lacks } = await probe('auto', id, wrapper);
    expect(lacks.map(({ step }) => step)).toContain('WORLD');
    expect(said).toEqual({
      ...closed,
      readPasswd: 'EACCES',
      readOther: 'EACCES',
      listFolder: 'EACCES',
      write: 'EACCES',
      makeFolder: 'EACCES',
      signal: 'EPERM',
      shell: 'EACCES',
      connect: 'EACCES',
    });
  },
);
