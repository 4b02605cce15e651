// ranges.test.ts: ranges and conditions where nothing has a Last-Modified, and ranges of every kind
// in one long series.
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkParts } from '../spec/parts.ts';
import { value, values } from '../support/reply.ts';
import { startServer } from '../support/server.ts';
import { MODIFIED, noise, packFolder, packSite, xorshift } from '../support/site.ts';
import { Wire, exchange, get } from '../support/wire.ts';

const LENGTH = 200_000;
const DATA = noise(LENGTH, 5);
const SERIES = 400;

interface Asked {
  readonly request: string;
  readonly status: number;
  /** Of the 206, as checkParts reads them. */
  readonly ranges: string;
}

async function expectNoDates(archive: string): Promise<void> {
  const server = await startServer(archive);
  const ask = (...fields: readonly string[]): ReturnType<typeof exchange> =>
    exchange(server.port, get('/plain.txt', ...fields));
  const whole = await ask();
  expect([whole.status, values(whole, 'last-modified')]).toEqual([200, []]);
  const tag = value(whole, 'etag')!;
  const cases: readonly (readonly [status: number, ...fields: string[]])[] = [
    [200, `If-Modified-Since: ${MODIFIED.toUTCString()}`],
    [200, 'If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT'],
    [200, 'If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT'],
    [200, 'If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT'],
    [200, `If-Range: ${MODIFIED.toUTCString()}`, 'Range: bytes=0-1'],
    [200, 'If-Range: Thu, 01 Jan 1970 00:00:00 GMT', 'Range: bytes=0-1'],
    [206, `If-Range: ${tag}`, 'Range: bytes=0-1'],
    [304, `If-None-Match: ${tag}`],
    [412, 'If-Match: "other"'],
  ];
  for (const [status, ...fields] of cases) {
    expect((await ask(...fields)).status, fields.join('; ')).toBe(status);
  }
  await server.stop();
}

test('where no Last-Modified is wanted, dates are not looked at', async () => {
  await expectNoDates(
    (await packSite({ 'plain.txt': 'plain\n' }, ['--last-modified', 'none'])).archive,
  );
});

test('where a file is of the future, dates are not looked at', async () => {
  const { folder, archive } = await packSite({ 'plain.txt': 'plain\n' });
  const tomorrow = new Date(Date.now() + 86_400_000);
  utimesSync(join(folder, 'plain.txt'), tomorrow, tomorrow);
  await packFolder(folder, archive);
  await expectNoDates(archive);
});

function draw(random: () => number): Asked {
  const kind = random() % 8;
  if (kind === 0) return { request: get('/data.bin'), status: 200, ranges: '' };
  if (kind === 1) {
    return { request: get('/data.bin', `Range: bytes=${LENGTH}-`), status: 416, ranges: '' };
  }
  const count = kind < 4 ? 1 : 1 + (random() % 16);
  const ranges = Array.from({ length: count }, () => {
    const first = random() % LENGTH;
    return `${first}-${Math.min(LENGTH - 1, first + (random() % 5_000))}`;
  }).join();
  return { request: get('/data.bin', `Range: bytes=${ranges}`), status: 206, ranges };
}

test('ranges of every kind are answered in order, however slowly they are taken', async () => {
  const server = await startServer((await packSite({ 'data.bin': DATA })).archive);
  const random = xorshift(20_240_301);
  const series = Array.from({ length: SERIES }, () => draw(random));
  const wire = await Wire.open(server.port);
  wire.pause();
  wire.send(series.map(({ request }) => request).join(''));
  setTimeout(() => wire.resume(), 300);
  for (const [index, { request, status, ranges }] of series.entries()) {
    const reply = await wire.reply();
    const where = `number ${index}: ${request}`;
    expect(reply.status, where).toBe(status);
    if (status === 200) expect(reply.body.equals(DATA), where).toBe(true);
    if (status === 206) checkParts(reply, ranges, 'data.bin', DATA, where);
  }
  expect([wire.waiting, wire.ending]).toEqual([0, undefined]);
  wire.destroy();
  await server.stop();
});
