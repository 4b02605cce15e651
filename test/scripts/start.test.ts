// start.test.ts: `npm start` serves the project's own site, and ends as the server ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.ts';

const running = new Set<ReturnType<typeof start>>();
afterEach(() => {
  for (const child of running) child.kill('SIGTERM');
  running.clear();
});

test('it serves site/, passes arguments on, and drains on SIGTERM', async () => {
  const child = start(['--listen', '127.0.0.1:0', '--workers', '1']);
  const port = await portOf(child);
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('cdbserve');
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

test('the exit code of the server is its exit code', async () => {
  const child = start(['--no-such-option']);
  expect(await once(child, 'exit')).toEqual([2, null]);
});

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [join('scripts', 'start.mjs'), ...args], {
    cwd: packageRoot,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  running.add(child);
  child.on('exit', () => running.delete(child));
  return child;
}

async function portOf(child: ReturnType<typeof start>): Promise<number> {
  for await (const line of createInterface(child.stdout)) {
    const port = /127\.0\.0\.1:([1-9]\d*)/.exec(line)?.[1];
    if (port) return Number(port);
  }
  throw new Error('the server ended without a start line');
}
