// counters.test.ts: process trees, CPU time and what perf prints.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import {
  countWhile,
  cpuNanoseconds,
  parsePerf,
  perfCounts,
  PerfWindow,
  processTree,
} from '../../bench/counters.ts';

/** False also where the kernel forbids it: kernel.perf_event_paranoid. */
const hasPerf = spawnSync('perf', ['stat', '-e', 'task-clock', 'true']).status === 0;

function burn(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

test('perf output becomes counts, and what was not counted is left out', () => {
  const counted = [
    '# started on Fri Nov 20 10:00:00 2026',
    '',
    '123456789,,cycles,100200300,100.00,,',
    '204.07,msec,task-clock,204070000,100.00,1.000,CPUs utilized',
    '<not supported>,,instructions,0,100.00,,',
  ].join('\n');
  expect(parsePerf(counted)).toEqual(
    new Map([
      ['cycles', 123_456_789],
      ['task-clock', 204.07],
    ]),
  );
  expect(parsePerf('<not counted>,,cycles,0,0.00,,\n').size).toBe(0);
});

test('counts of user space alone never pass for the whole', () => {
  expect(parsePerf('12,,cycles:u,1,100.00,,').has('cycles')).toBe(false);
});

test('a tree holds the children of children and is empty once its root is gone', async () => {
  const shell = spawn('sh', ['-c', 'sh -c "sleep 30 & echo up; wait"; true'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(shell.stdout, 'data');
  const tree = processTree(shell.pid!);
  expect(tree[0]).toBe(shell.pid);
  expect(tree.length).toBe(3);
  for (const pid of [...tree].reverse()) process.kill(pid, 'SIGKILL');
  await once(shell, 'close');
  expect(processTree(shell.pid!)).toEqual([]);
});

test('work costs CPU time and waiting does not', async () => {
  const busy = await countWhile(process.pid, 'cpu_ns', async () => burn(150));
  const calm = await countWhile(
    process.pid,
    'cpu_ns',
    () => new Promise((go) => setTimeout(go, 150)),
  );
  expect(busy.counts.cpuNs).toBeGreaterThan(calm.counts.cpuNs * 2);
  expect(busy.counts).not.toHaveProperty('cycles');
  expect(cpuNanoseconds([2 ** 30])).toBe(0);
});

/** Milliseconds that perf counted over 100 ms of work, and what it says of no process. */
async function tryPerf(): Promise<readonly [number, string]> {
  const window = await PerfWindow.open([process.pid], 'task-clock');
  burn(100);
  const counts = await window.stop();
  const gone = await PerfWindow.open([2 ** 30]).catch((error: Error) => error.message);
  return [counts.get('task-clock')!, String(gone)];
}

test('perf, where there is one, counts between open and stop', async () => {
  const [milliseconds, gone] = hasPerf ? await tryPerf() : [100, 'perf ended early'];
  expect(milliseconds).toBeGreaterThan(20);
  expect(gone).toContain('perf ended early');
});

test('cycles are counted exactly where perf says so', async () => {
  const metric = perfCounts() ? 'cycles' : 'cpu_ns';
  const { counts } = await countWhile(process.pid, metric, async () => burn(50));
  expect(counts.cycles !== undefined).toBe(metric === 'cycles');
});
