// channels.test.ts: both ends of what joins supervisor and worker, in one process.
import { writeSync, readSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadWall } from '../../src/native.ts';
import { Channels } from '../../src/ops/channels.ts';
import { Journals } from '../../src/ops/journals.ts';
import { addonPath } from '../../src/paths.ts';
import { openDescriptors } from '../support/proc.ts';

const wall = loadWall(addonPath('wall'));

function openChannels() {
  const lines: string[] = [];
  const channels = new Channels(wall, (line) => void lines.push(line));
  const [errors, control, boot] = channels.theirs;
  return { channels, lines, errors, control, boot };
}

test('orders arrive, and nothing can be sent back: no byte and no descriptor', async () => {
  const { channels, control, boot } = openChannels();
  channels.order(0x44);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const byte = Buffer.alloc(2);
  expect([readSync(control, byte), byte[0]]).toEqual([1, 0x44]);
  const send = (): void => wall.sendDescriptors(control, Buffer.of(1), Int32Array.of(boot));
  expect(send).toThrow('EPIPE');
  channels.handOver();
  channels.close();
});

test('it is ready at the first byte of the boot socket', async () => {
  const { channels, boot } = openChannels();
  writeSync(boot, 'R');
  await expect(channels.ready).resolves.toBeUndefined();
  channels.handOver();
  channels.close();
  await channels.silent;
});

test('its report is all that came over the boot socket, and no more than a report can be', async () => {
  for (const [sent, got] of [
    ['R{}', 'R{}'],
    ['R'.repeat(100_000), 'R'.repeat(65_536)],
  ] as const) {
    const { channels, boot } = openChannels();
    writeSync(boot, sent);
    channels.handOver();
    await expect(channels.report).resolves.toBe(got);
    channels.close();
    await channels.silent;
  }
});

test('silent is after the last line', async () => {
  const { channels, lines, errors } = openChannels();
  writeSync(errors, 'one\ntwo');
  channels.handOver();
  await channels.silent;
  expect(lines).toEqual(['one', 'two']);
  channels.close();
});

test('when one of them cannot be had, none stays open', () => {
  const journals = new Journals(wall, 4_095, []); // no power of two
  const before = openDescriptors(process.pid);
  for (let tries = 0; tries < 20; tries++) {
    expect(() => new Channels(wall, () => undefined, journals)).toThrow('EINVAL');
  }
  expect(openDescriptors(process.pid)).toBeLessThan(before + 20);
});
