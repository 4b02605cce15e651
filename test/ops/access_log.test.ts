// access_log.test.ts: from rings to lines: all of them, or told how many are missing.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Log } from '../../src/log.ts';
import { type AccessLog, type AccessLogPlan, openAccessLog } from '../../src/ops/access_log.ts';
import { LOG_BUFFER_BYTES } from '../../src/limits.ts';
import { JOURNAL } from '../../src/ops/journal.ts';
import { onEnd } from '../support/cleanup.ts';
import { JournalPen, recordOf } from '../support/journal.ts';
import { parseCombined } from '../support/log_lines.ts';
import { temporaryFolder } from '../support/site.ts';

const RING_BYTES = 64 * 1024;
const folder = temporaryFolder();
let names = 0;

interface Opened {
  readonly path: string;
  readonly access: AccessLog;
  readonly told: string[];
  readonly end: () => Promise<void>;
}

async function open(
  path = join(folder, `log-${names++}`),
  plan: Partial<AccessLogPlan> = {},
): Promise<Opened> {
  const told: string[] = [];
  const log: Log = {
    event: (name, text) => void told.push(`${name}: ${text}`),
    info: (line) => void told.push(line),
    warn: (line) => void told.push(line),
    relay: (line) => void told.push(line),
  };
  const all = { accessLog: path, logFormat: 'combined', logAddresses: 'cut', ...plan } as const;
  const access = (await openAccessLog(all, log))!;
  return { path, access, told, end: onEnd(async () => void (await access.end())) };
}

function bornTo({ access }: Opened): JournalPen {
  const pen = new JournalPen(RING_BYTES);
  access.born(pen.descriptor);
  return pen;
}

function fits(pen: JournalPen, { length }: Buffer): boolean {
  return pen.written - pen.read + BigInt(length) <= BigInt(RING_BYTES);
}

function linesOf(path: string): string[] {
  return readFileSync(path, 'latin1').split('\n').slice(0, -1);
}

function requestsOf(path: string): string[] {
  return linesOf(path).map((line) => parseCombined(line).request);
}

test('none is opened where none is wanted', async () => {
  const log = { event: () => undefined } as unknown as Log;
  const plan = { accessLog: undefined, logFormat: 'json', logAddresses: 'none' } as const;
  expect(await openAccessLog(plan, log)).toBeUndefined();
});

test('what two workers note is written soon, each in its order', async () => {
  const opened = await open();
  const pens = [bornTo(opened), bornTo(opened)];
  const wrote: string[] = [];
  for (let round = 0; round < 60; round++) {
    pens.forEach((pen, worker) => {
      const line = `GET /${worker}/${round} HTTP/1.1`;
      expect(pen.add(recordOf({ line }))).toBe(true);
      wrote.push(line);
    });
  }
  await vi.waitFor(() => expect(requestsOf(opened.path).sort()).toEqual(wrote.sort()), {
    timeout: 10_000,
  });
  const first = requestsOf(opened.path).filter((line) => line.startsWith('GET /0/'));
  expect(first).toEqual(Array.from({ length: 60 }, (_, round) => `GET /0/${round} HTTP/1.1`));
  expect([opened.access.dropped, opened.access.damaged, opened.told]).toEqual([0, 0, []]);
});

test('what a dead worker left is written, and so is all at the end', async () => {
  const opened = await open(undefined, { logFormat: 'json', logAddresses: 'full' });
  const pen = bornTo(opened);
  for (let line = 0; line < 100; line++) pen.add(recordOf({ line: `GET /${line} HTTP/1.1` }));
  await opened.access.gone(pen.descriptor);
  expect(pen.read).toBe(pen.written);
  await opened.end();
  const targets = linesOf(opened.path).map(
    (line) => (JSON.parse(line) as { target: string }).target,
  );
  expect(targets).toEqual(Array.from({ length: 100 }, (_, line) => `/${line}`));
});

test('answers without a line are counted, those of dead workers too, and told once', async () => {
  const opened = await open();
  const pens = [bornTo(opened), bornTo(opened)];
  pens[0]!.put(JOURNAL.dropped, 5n);
  pens[1]!.put(JOURNAL.dropped, 1_000n);
  await vi.waitFor(() => expect(opened.access.dropped).toBe(1_005), { timeout: 10_000 });
  await opened.access.gone(pens[1]!.descriptor);
  expect(opened.access.dropped).toBe(1_005);
  pens[0]!.put(JOURNAL.dropped, 6n);
  await vi.waitFor(() => expect(opened.access.dropped).toBe(1_006), { timeout: 10_000 });
  await opened.end();
  const [first, last] = opened.told;
  expect(first).toMatch(/^access-log-lost: [0-9,]+ answers without a line: /);
  expect(last).toMatch(/^access-log-lost: 1 answer without a line: /);
  expect(opened.told.length).toBeLessThanOrEqual(3);
});

test('a worker that writes nonsense is told, and others are logged', async () => {
  const opened = await open();
  const [bad, good] = [bornTo(opened), bornTo(opened)];
  bad.force(Buffer.alloc(4_096, 0xff));
  good.add(recordOf({ line: 'GET /good HTTP/1.1' }));
  await vi.waitFor(() => expect(requestsOf(opened.path)).toEqual(['GET /good HTTP/1.1']), {
    timeout: 10_000,
  });
  expect(opened.access.damaged).toBe(1);
  await opened.end();
  expect(opened.told).toEqual([expect.stringMatching(/^access-log-damaged: a worker has left/)]);
});

test('with a reader that takes nothing workers drop, and nobody waits for it for long', async () => {
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const opened = await open(path);
  const pen = bornTo(opened);
  const record = recordOf({ line: `GET /${'x'.repeat(7_000)} HTTP/1.1` });
  let wrote = 0;
  let read = -1n;
  for (let stalls = 0; stalls < 20; stalls = pen.read === read ? stalls + 1 : 0) {
    read = pen.read;
    for (; fits(pen, record); wrote++) pen.add(record);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(wrote * record.length).toBeGreaterThan(LOG_BUFFER_BYTES);
  expect(pen.add(record)).toBe(false);
  const dropped = 1;
  await vi.waitFor(() => expect(opened.access.dropped).toBe(dropped), { timeout: 10_000 });
  await opened.access.gone(pen.descriptor);
  await opened.end();
  const bytes = Buffer.alloc(1 << 20);
  const text = bytes.toString('latin1', 0, readSync(reader, bytes, 0, bytes.length, null));
  const whole = text.split('\n').length - 1;
  expect(opened.access.dropped).toBe(wrote - whole + dropped);
  expect(opened.told.at(-1)).toMatch(/^access-log-lost: /);
  closeSync(reader);
}, 60_000);

test('a full disk is told once, with what to do', async () => {
  const opened = await open('/dev/full');
  const pen = bornTo(opened);
  pen.add(recordOf({}));
  await vi.waitFor(() => expect(opened.told).toHaveLength(1), { timeout: 10_000 });
  expect(opened.told[0]).toMatch(
    /^access-log-failed: cannot write \/dev\/full: ENOSPC\. .* room\./,
  );
  await opened.access.gone(pen.descriptor);
  await opened.end();
  expect(opened.access.dropped).toBe(1);
  expect(opened.told[1]).toMatch(/^access-log-lost: 1 answer without a line: /);
});

test('SIGHUP is told by what became of it', async () => {
  const opened = await open();
  opened.access.reopen();
  await vi.waitFor(() => expect(opened.told).toEqual([`access-log-reopened: ${opened.path}`]), {
    timeout: 10_000,
  });
});
