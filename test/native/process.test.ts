// process.test.ts: signals, limit and exit, each in a process of its own.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { addonPath } from '../../src/paths.ts';

const LOAD = `
  const module = { exports: {} };
  process.dlopen(module, process.argv[1]);
  const wall = module.exports;
`;

test('exit ends at once with its code: no exit handler runs', () => {
  const program = `${LOAD}
    process.on('exit', () => process.stdout.write('handler'));
    wall.exit(70);
  `;
  const child = spawnSync(process.execPath, ['-e', program, addonPath('wall')]);
  expect([child.status, child.stdout.toString()]).toEqual([70, '']);
});

test('ignored signals neither end the process nor open the inspector', async () => {
  const program = `${LOAD}
    wall.ignoreSignals();
    setInterval(() => {}, 1000);
    console.log('ready');
  `;
  const child = spawn(process.execPath, ['-e', program, addonPath('wall')]);
  let complaint = '';
  child.stderr.on('data', (bytes: Buffer) => (complaint += bytes.toString()));
  await once(child.stdout, 'data');
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const)
    child.kill(signal);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect([child.exitCode, child.signalCode, complaint]).toEqual([null, null, '']);
  child.kill('SIGKILL');
  await once(child, 'exit');
});

test('the descriptor limit is raised to the hard one', () => {
  const program = `${LOAD} process.stdout.write(String(wall.raiseDescriptorLimit()));`;
  const shell = `ulimit -Sn 256; ulimit -Hn 512; exec "$0" "$@"`;
  const node = [process.execPath, '-e', program, addonPath('wall')];
  const child = spawnSync('/bin/sh', ['-c', shell, ...node]);
  expect(child.stdout.toString()).toBe('512');
});

test('what the process is, as the kernel says now and after it was hardened', () => {
  const program = `${LOAD}
    const before = wall.processFacts();
    wall.harden(false);
    console.log(JSON.stringify([before, wall.processFacts()]));
  `;
  const child = spawnSync(process.execPath, ['-e', program, addonPath('wall')]);
  const [before, after] = JSON.parse(child.stdout.toString()) as Record<string, number>[];
  expect(before).toMatchObject({ dumpable: 1, securebits: 0, deathSignal: 0 });
  expect(before!['landlockAbi']).toBeGreaterThanOrEqual(-1);
  expect(after).toEqual({ ...before, dumpable: 0 });
});
