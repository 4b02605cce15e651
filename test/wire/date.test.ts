// date.test.ts: the Date of every answer is that of this second, also after a silence.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { value } from '../support/reply.ts';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { packSite } from '../support/site.ts';
import { Wire, get } from '../support/wire.ts';

let server: Server;

beforeAll(async () => {
  server = await startServer((await packSite({ 'small.txt': 'small\n' })).archive);
});

/**
 * The Date of one answer; throws unless it lies between the seconds before and after the request.
 */
async function expectDate(wire: Wire, path: string): Promise<string> {
  const before = Math.floor(Date.now() / 1000);
  wire.send(get(path));
  const date = value(await wire.reply(), 'date')!;
  const second = Date.parse(date) / 1000;
  // The worker looks at the clock once a turn, and a turn may have begun a moment before.
  expect(second).toBeGreaterThanOrEqual(before - 1);
  expect(second).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
  return date;
}

test('Date is right all the time, in stored and in built-in answers', async () => {
  const wire = await Wire.open(server.port);
  const dates = new Set<string>();
  for (let times = 0; times < 60; times++) {
    dates.add(await expectDate(wire, times % 2 === 0 ? '/small.txt' : '/missing'));
    await sleep(50);
  }
  expect(dates.size).toBeGreaterThanOrEqual(3);
  expect(dates.size).toBeLessThanOrEqual(6);
  wire.destroy();
});

test('Date is right after a silence of any length', async () => {
  const wire = await Wire.open(server.port);
  for (const silence of [10, 1_000, 1_600, 2_400]) {
    await sleep(silence);
    await expectDate(wire, '/small.txt');
  }
  wire.destroy();
});
