// hostile.test.ts: a service whose workers belong to an attacker: whatever they write into their
// journals, the supervisor lives, its log has whole lines of printable bytes, its page of metrics
// can be read.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { addonPath, packageRoot, spawnerPath, verifierBundle } from '../../src/paths.ts';
import { residentBytes } from '../support/proc.ts';
import { type Server, startServer } from '../support/server.ts';
import { packSite, temporaryFolder } from '../support/site.ts';

const { archive } = await packSite({ 'small.txt': 'small\n' });

/** The real main, but for whom it has as workers. */
const MAIN = (worker: string): string => `
  import { readConfig } from '${packageRoot}/dist/src/config.js';
  import { openLog } from '${packageRoot}/dist/src/log.js';
  import { loadWall } from '${packageRoot}/dist/src/native.js';
  import { tallyOf } from '${packageRoot}/dist/src/ops/tally.js';
  import { supervise } from '${packageRoot}/dist/src/supervisor.js';
  const around = { isRoot: process.getuid() === 0, pid: process.pid, environment: process.env };
  const config = readConfig(process.argv.slice(2), around);
  const addon = '${addonPath('wall')}';
  const parts = { wall: loadWall(addon), addon, spawner: '${spawnerPath}', version: 'cdbserve 0',
    bundle: '${worker}', verifier: '${verifierBundle}' };
  await supervise(config, parts, tallyOf(openLog('cdbserve', config)));
  process.exit(0);
`;

/**
 * Writes into its journal, descriptor 7, what no worker of ours writes, for as long as it lives. As
 * a verifier, role 1, it is the real one: the archive is served.
 */
const WORKER = `
  const { writeSync, readSync, fstatSync } = require('node:fs');
  if (process.argv[3] === '1') { require(JSON.parse(process.argv[2]).verifier); return; }
  const JOURNAL = 7, RING = 24576, size = fstatSync(JOURNAL).size - RING;
  readSync(3, Buffer.alloc(1));
  writeSync(4, 'R');
  let seed = process.pid;
  const random = (below) => ((seed = (seed * 1103515245 + 12345) >>> 0) / 2 ** 32 * below) | 0;
  const put = (at, value) => {
    const b = Buffer.alloc(8);
    b.writeBigUInt64LE(BigInt.asUintN(64, value));
    writeSync(JOURNAL, b, 0, 8, at);
  };
  const ESCAPES = '\\x1b[2J\\x1b]0;owned\\x07\\r\\n127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] ' +
    '"GET /forged HTTP/1.1" 200 1 "-" "-"\\n\\u0000\\u009b31m"\\\\';
  let written = 0n;
  const record = (lengths, texts, facts = {}) => {
    const { bytes, slot = 500, time = 1n << 40n, body: sent = 5n } = facts;
    const body = Buffer.from(texts.join(''), 'latin1');
    const whole = (56 + body.length + 7) & ~7;
    const b = Buffer.alloc(whole);
    b.writeUInt32LE(bytes ?? whole, 0); b.writeUInt32LE(slot, 4);
    b.writeBigUInt64LE(time, 8); b.writeBigUInt64LE(sent, 16);
    b[24] = [4, 6, 1, 0, 9][random(5)];
    lengths.forEach((length, index) => b.writeUInt16LE(length, 44 + 2 * index));
    body.copy(b, 56);
    const at = Number(written % BigInt(size));
    const first = Math.min(whole, size - at);
    writeSync(JOURNAL, b, 0, first, RING + at);
    if (first < whole) writeSync(JOURNAL, b, first, whole - first, RING);
    written += BigInt(whole);
    put(0, written);
  };
  const junk = () => Buffer.alloc(4096).map(() => random(256));
  const SIZES = [0, 8, 55, 57, 2 ** 31, 2 ** 32 - 8];
  const SLOTS = [2500, 2 ** 31, 2 ** 32 - 1];
  const MOST = (1n << 64n) - 1n;
  const counters = () => {
    for (let at = 8; at < 20512; at += 8) put(at, BigInt(random(3)) * MOST - BigInt(random(9)));
  };
  const RECORDS = 2;
  const MOVES = [
    () => record([1, 0, 1, 1, 0].map((n) => n * ESCAPES.length), [ESCAPES, ESCAPES, ESCAPES]),
    () => record([14, 4, 0, 0, 45], ['GET / HTTP/1.1', 'host', 'x'.repeat(45)]),
    () => record([65535, 65535, 65535, 65535, 65535], ['short']),
    () => record([5, 0, 0, 0, 0], ['GET /'], { bytes: SIZES[random(6)] }),
    () => record([5, 0, 0, 0, 0], ['GET /'], { slot: SLOTS[random(3)] }),
    () => record([5, 0, 0, 0, 0], ['GET /'], { time: 1n << 62n }),
    () => record([5, 0, 0, 0, 0], ['GET /'], { body: MOST }),
    () => { put(0, MOST); },
    () => { put(0, 0n); written = 0n; },
    () => { put(0, written + BigInt(size) * 2n); },
    () => { put(0, written - 8n); },
    () => {
      writeSync(JOURNAL, junk(), 0, 4096, RING + random(size - 4096));
      put(0, written += 4096n);
    },
    counters,
    () => { writeSync(JOURNAL, junk(), 0, 4096, 0); },
    () => { put(20576, BigInt(random(2 ** 31))); },
  ];
  // By turns what can be read, twice as long, and anything.
  const moves = () => (Date.now() % 300 < 200 ? RECORDS : MOVES.length);
  setInterval(() => { for (let n = 0; n < 20; n++) MOVES[random(moves())](); }, 1);
`;

interface Attacked {
  readonly server: Server;
  readonly log: string;
  readonly admin: string;
}

async function start(format: string): Promise<Attacked> {
  const folder = temporaryFolder();
  chmodSync(folder, 0o777); // started by root it is somebody else who writes
  const [main, worker] = [join(folder, 'main.mjs'), join(folder, 'worker.cjs')];
  writeFileSync(worker, WORKER);
  writeFileSync(main, MAIN(worker));
  const log = join(folder, 'access.log');
  const admin = join(folder, 'admin');
  const logging = ['--access-log', log, '--log-format', format, '--admin', `unix:${admin}`];
  const args = [...logging, '--sandbox', 'off'];
  return { server: await startServer(archive, args, { workers: 2, program: main }), log, admin };
}

function metricsOf(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'));
    let text = '';
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    socket.on('end', () => resolve(text.slice(text.indexOf('\r\n\r\n') + 4)));
    socket.on('error', reject);
  });
}

/** A sample of OpenMetrics: name, labels, a number that is finite and not below zero. */
const LABEL = '[a-z_]+="[^"\\\\\n]*"';
const SAMPLE = new RegExp(
  `^[a-z_]+(?:\\{${LABEL}(?:,${LABEL})*\\})? \\d+(?:\\.\\d+)?(?:e[+-]\\d+)?$`,
);

async function attack({ server, admin }: Attacked, seconds: number): Promise<void> {
  const before = residentBytes(server.pid);
  const last = performance.now() + seconds * 1_000;
  let counted = new Map<string, number>();
  while (performance.now() < last) {
    const lines = (await metricsOf(admin)).trimEnd().split('\n');
    expect(lines.at(-1)).toBe('# EOF');
    const samples = lines.filter((line) => !line.startsWith('#'));
    expect(samples.filter((line) => !SAMPLE.test(line))).toEqual([]);
    const totals = new Map(
      samples
        .filter((line) => line.startsWith('cdbserve_') && /_total(?:\{| )/.test(line))
        .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
    );
    for (const [name, value] of totals) {
      expect(value, name).toBeGreaterThanOrEqual(counted.get(name) ?? 0);
    }
    counted = totals;
    await sleep(100);
  }
  expect(residentBytes(server.pid) - before).toBeLessThan(150_000_000);
}

const DATE = '\\[\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d \\+0000\\]';
const QUOTED = '"[ !#-~]*"';
const LINES: Readonly<Record<string, RegExp>> = {
  combined: new RegExp(`^[\\da-f.:-]+ - - ${DATE} ${QUOTED} \\d{3} \\d+ ${QUOTED} ${QUOTED}$`),
  json: /^\{[ -~]*\}$/,
};

test.each(Object.keys(LINES))('log lines stay whole and printable: %s', async (format) => {
  const attacked = await start(format);
  await attack(attacked, 3);
  expect(await attacked.server.stop('SIGINT')).toMatchObject({ signal: null });
  const lines = readFileSync(attacked.log, 'latin1').trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.filter((line) => !LINES[format]!.test(line)).slice(0, 3)).toEqual([]);
  if (format === 'json') for (const line of lines) JSON.parse(line);
  expect(lines.some((line) => line.startsWith('127.0.0.1 - - [01/Jan/2026'))).toBe(false);
});
