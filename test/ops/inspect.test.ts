// inspect.test.ts: a start that requires everything and lacks a thing says which, and ends.
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { inspect, requireAll } from '../../src/ops/inspect.ts';
import { judge } from '../../src/ops/judge.ts';
import { WORKER } from '../../src/ops/protect_worker.ts';
import type { Seen } from '../../src/ops/protection.ts';
import type { Inspected } from '../../src/ops/report.ts';
import { buildSyscallAddon } from '../support/native.ts';
import { program } from '../support/server.ts';
import { packSite, runCommand, temporaryFolder } from '../support/site.ts';
import { BLIND, SEEN, TOLD, seen } from '../support/seen.ts';

const worker = (number: number, what: Seen): Inspected => {
  return { process: 'worker', number, pid: 1, protections: judge(WORKER, what) };
};

test('all that is missing is said, once; what cannot be read is no reason', () => {
  requireAll([worker(1, SEEN), worker(2, { ...SEEN, facts: { ...BLIND, threads: [] } })]);
  const open = seen({}, { msealed: false });
  const none = { ...TOLD, taken: TOLD.taken.filter((step) => step !== 'LANDLOCK_FILES') };
  const lacking = [worker(1, open), worker(2, open), worker(3, { ...SEEN, told: none })];
  const start = (): void => requireAll(lacking);
  expect(start).toThrow(/^--sandbox require, and not all is there\. Missing: worker, mapping/);
  expect(start).toThrow(/not sealed\. Likely cause: .*6\.10.* Remedy: .*\. Missing: worker, Landl/);
  expect(start).toThrow(expect.objectContaining({ exitCode: EXIT.sandboxUnavailable }));
  expect(start).not.toThrow(/mapping.*mapping of the archive: not sealed/);
});

test('of processes that are gone nothing holds, and nothing is missing', () => {
  const gone = 2 ** 22;
  const told = { isRoot: false, uid: 7, gid: 8, descriptorsMax: 9, spawner: gone };
  const workers = [{ ...TOLD, pid: gone }];
  const found = inspect({ sandbox: 'require', lockdown: 'standard' }, gone, { ...told, workers });
  expect(found.map(({ process }) => process)).toEqual(['supervisor', 'spawner', 'worker']);
  requireAll(found);
});

/** Loaded into the supervisor: a filter that hides mseal, which all its children inherit. */
const hook = (addon: string): string => `
  const module_ = { exports: {} };
  process.dlopen(module_, ${JSON.stringify(addon)});
  const { call, address } = module_.exports;
  const [LOAD, EQUALS, RETURN, ENOSYS, ALLOW] = [0x20, 0x15, 0x06, 0x5_0026, 0x7fff_0000];
  const program = Buffer.alloc(32);
  [[LOAD, 0, 0], [EQUALS, 1, 462], [RETURN, 0, ENOSYS], [RETURN, 0, ALLOW]].forEach((row, at) => {
    program.writeUInt16LE(row[0], at * 8);
    program[at * 8 + 3] = row[1]; // over so many where it is not equal
    program.writeUInt32LE(row[2], at * 8 + 4);
  });
  call(157n, 38n, 1n, 0n, 0n, 0n); // no_new_privs
  call(317n, 1n, 0n, new Uint8Array(new BigUint64Array([4n, address(program)]).buffer));`;

/** Asks for a page over and over, from when the socket is there; what came in answer. */
async function knock(
  path: string,
  signal: AbortSignal,
): Promise<{ asked: number; answers: string }> {
  let [asked, answers] = [0, ''];
  while (!signal.aborted) {
    const socket = connect(path);
    socket.on('connect', () => asked++).on('data', (bytes) => (answers += bytes.toString()));
    socket.on('error', () => undefined).end('GET / HTTP/1.0\r\n\r\n');
    await setTimeout(5);
  }
  return { asked, answers };
}

test('where mseal is hidden a start that requires all ends, and --check agrees', async () => {
  const { archive } = await packSite({ 'index.html': '<p>root' });
  const folder = temporaryFolder();
  const file = join(folder, 'hook.cjs');
  writeFileSync(file, hook(buildSyscallAddon(folder)));
  const start = [process.execPath, '--require', file, program, archive, '--sandbox', 'require'];
  const socket = join(folder, 'socket');
  const rest = ['--listen', `unix:${socket}`, '--workers', '1'];
  const over = new AbortController();
  const knocked = knock(socket, over.signal);
  const { code, stderr } = await runCommand(start[0]!, [...start.slice(1), ...rest]);
  over.abort();
  const { asked, answers } = await knocked;
  expect(asked).toBeGreaterThan(0);
  expect(answers).toBe('');
  expect(stderr).toMatch(/^cdbserve: --sandbox require, .* mapping of the archive: not sealed\./);
  expect(code).toBe(EXIT.sandboxUnavailable);
  const checked = await runCommand(start[0]!, [...start.slice(1), ...rest, '--check']);
  expect(checked.code).toBe(EXIT.sandboxUnavailable);
  expect(checked.stdout).toMatch(/mapping of the archive +not sealed +extra {2}missing/);
});
