// preview.test.ts: the packer of a preview as a program: it ends with whoever started it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { previewPacker } from '../../src/paths.ts';
import type { Message, Order } from '../../src/preview/messages.ts';
import { makeSite } from './fixture.ts';
import { onEnd } from '../support/cleanup.ts';
import { temporaryFolder } from '../support/site.ts';
import { isRoot } from '../support/starts.ts';

async function start(order: Order, temporary: string) {
  const env = { ...process.env, TMPDIR: temporary };
  const child = fork(previewPacker, [], { env, execArgv: [], stdio: ['ignore', 1, 2, 'ipc'] });
  onEnd(() => void child.kill('SIGKILL'));
  child.send(order);
  const [message] = (await once(child, 'message')) as [Message];
  return { child, message };
}

test.each(['disconnect', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'after %s there is nothing left',
  async (how) => {
    const temporary = temporaryFolder();
    const order = { site: makeSite({ a: 'a' }), flags: [], group: undefined };
    const { child, message } = await start(order, temporary);
    if (message.kind !== 'packed') throw new Error(JSON.stringify(message));
    expect(statSync(dirname(message.archive)).mode & 0o777).toBe(0o700);
    expect(statSync(message.archive).mode & 0o777).toBe(0o600);
    const exit = once(child, 'exit');
    if (how === 'disconnect') child.disconnect();
    else child.kill(how);
    expect(await exit).toEqual([0, null]);
    expect(readdirSync(temporary)).toEqual([]);
  },
);

test('a group that serves may read, and nobody else', async () => {
  const group = isRoot ? 7 : process.getgid!();
  const order = { site: makeSite({ a: 'a' }), flags: [], group };
  const { message } = await start(order, temporaryFolder());
  if (message.kind !== 'packed') throw new Error(JSON.stringify(message));
  const folder = statSync(dirname(message.archive));
  const uid = process.getuid!();
  expect([folder.mode & 0o777, folder.uid, folder.gid]).toEqual([0o750, uid, group]);
  const file = statSync(message.archive);
  expect([file.mode & 0o777, file.gid]).toEqual([0o640, group]);
});

test('where there is no room for it', async () => {
  const order = { site: makeSite({ a: 'a' }), flags: [], group: undefined };
  const { child, message } = await start(order, '/nowhere');
  expect(message).toMatchObject({ kind: 'refused', exitCode: 1 });
  expect(JSON.stringify(message)).toContain('cannot make a folder in /nowhere: ENOENT. A preview');
  const exit = once(child, 'exit');
  child.send('go on');
  expect(await exit).toEqual([1, null]);
});
