// refused.test.ts: a serving worker makes a call that is refused: it is named, and replaced.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LOCKDOWNS } from '../../src/boot/orders.ts';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { packSite } from '../support/site.ts';
import { exchange, get } from '../support/wire.ts';

const site = await packSite({ 'index.html': '<p>root' });
const body = async (server: Server): Promise<string> =>
  (await exchange(server.port, get('/'))).body.toString();

/** Has the worker's next wait be another call, as if its code had been taken over. */
async function makeCall(worker: number, name: string): Promise<void> {
  const injection = `inject=epoll_wait:retval=0:syscall=${name}:when=1`;
  const options = ['-f', '-p', String(worker), '-o', '/dev/null', '-e', 'trace=epoll_wait'];
  const strace = spawn('strace', [...options, '-e', injection]);
  await once(strace.stderr, 'data');
  const ended = once(strace, 'close');
  const last = setTimeout(() => strace.kill('SIGINT'), 10_000);
  await ended;
  clearTimeout(last);
}

test.each(LOCKDOWNS)('%s: named, replaced, and the others serve on', async (level) => {
  const server = await startServer(site.archive, ['--lockdown', level], { workers: 2 });
  const before = server.workers();
  const asking = makeCall(before[0]!, 'getuid');
  // A wait that is under way ends with the next event.
  const answers: string[] = [];
  for (let wait = 0; wait < 400 && !/replaced/.test(server.stderr()); wait++) {
    answers.push(await body(server).catch(() => 'cut off'));
    await sleep(20);
  }
  await asking;
  expect(server.stderr()).toMatch(/worker \d \(pid \d+\) ended: .*refused system call getuid \(/);
  expect(server.stderr()).toMatch(/worker \d replaced/);
  // What the worker had in hand is gone with it, and nothing else.
  expect(answers.filter((answer) => answer !== '<p>root').length).toBeLessThanOrEqual(1);
  const after = server.workers();
  expect(after).toHaveLength(2);
  expect(after).not.toContain(before[0]);
  expect(after).toContain(before[1]);
  expect(await body(server)).toBe('<p>root');
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});
