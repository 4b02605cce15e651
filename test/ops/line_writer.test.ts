// line_writer.test.ts: files, pipes that are slow or broken, full disks, and files moved away.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { LOG_BUFFER_BYTES } from '../../src/limits.ts';
import { LineWriter } from '../../src/ops/line_writer.ts';
import { openLogFile } from '../../src/ops/log_file.ts';
import { onEnd } from '../support/cleanup.ts';
import { temporaryFolder } from '../support/site.ts';

const folder = temporaryFolder();
let names = 0;
const newPath = (): string => join(folder, `log-${names++}`);

interface Told {
  readonly writer: LineWriter;
  readonly failed: string[];
  readonly reopened: (Error | undefined)[];
  recovered: number;
  wrote: number;
}

function writerOf(descriptor: number, open?: () => Promise<number>): Told {
  const [failed, reopened]: [string[], (Error | undefined)[]] = [[], []];
  const told = { failed, reopened, recovered: 0, wrote: 0 };
  const writer = new LineWriter({
    descriptor,
    ...(open && { open }),
    wrote: () => told.wrote++,
    failed: (code) => void failed.push(code),
    recovered: () => told.recovered++,
    reopened: (failure) => void reopened.push(failure),
  });
  return Object.assign(told, { writer });
}

async function writerTo(path: string): Promise<Told> {
  return writerOf(await openLogFile(path), () => openLogFile(path));
}

function add({ writer }: Told, text: string): boolean {
  if (writer.lines.room < text.length) return false;
  writer.lines.addBytes(Buffer.from(text));
  return true;
}

/** Both ends of a FIFO, the reader's first; nobody waits at either. */
function fifo(): { path: string; reader: number } {
  const path = newPath();
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  onEnd(() => closeSync(reader));
  return { path, reader };
}

function readAll(reader: number): string {
  const bytes = Buffer.alloc(1 << 20);
  try {
    return bytes.toString('latin1', 0, readSync(reader, bytes, 0, bytes.length, null));
  } catch {
    return '';
  }
}

/** How much has come in all. */
function readLength(reader: number): { next: () => number } {
  let length = 0;
  return { next: () => (length += readAll(reader).length) };
}

test('lines are written in order, and more of them while a write is under way', async () => {
  const path = newPath();
  const told = await writerTo(path);
  for (let line = 0; line < 1_000; line++) {
    expect(add(told, `${line}\n`)).toBe(true);
    told.writer.flush();
    if (line % 100 === 0) await sleep(1);
  }
  expect(await told.writer.end(10_000)).toBe(0);
  const lines = readFileSync(path, 'latin1').split('\n');
  expect(lines).toEqual([...Array.from({ length: 1_000 }, (_, line) => String(line)), '']);
  expect(told.wrote).toBeGreaterThan(0);
});

test('a reader that takes nothing blocks nobody, and gets every line when it does', async () => {
  const { path, reader } = fifo();
  const told = writerOf(await openLogFile(path), () => openLogFile(path));
  const lines: string[] = [];
  for (let round = 0; lines.length < 2 || round < 2; round++) {
    while (add(told, `${lines.length} ${'x'.repeat(1_000)}\n`)) {
      lines.push(`${lines.length} ${'x'.repeat(1_000)}`);
    }
    told.writer.flush();
    await sleep(20);
  }
  expect(lines.length).toBeGreaterThan(LOG_BUFFER_BYTES / 1_010);
  expect(lines.length).toBeLessThan((2 * LOG_BUFFER_BYTES) / 1_000);
  let read = '';
  const ended = told.writer.end(20_000);
  await vi.waitFor(
    () => {
      read += readAll(reader);
      expect(read.length).toBeGreaterThanOrEqual(lines.length * 1_003 - 100);
      expect(read.endsWith(`${lines.at(-1)}\n`)).toBe(true);
    },
    { timeout: 20_000, interval: 1 },
  );
  expect(await ended).toBe(0);
  expect(read.trimEnd().split('\n')).toEqual(lines);
  expect(told.failed).toEqual([]);
});

test('at the end a reader that takes nothing is not waited for, and its lines are counted', async () => {
  const { path } = fifo();
  const told = await writerTo(path);
  for (let line = 0; line < 500; line++) add(told, `${'x'.repeat(1_000)}\n`);
  const lost = await told.writer.end(50);
  expect(lost).toBeGreaterThan(400);
  expect(lost).toBeLessThan(500);
});

test('EPIPE is a failure, not the end', async () => {
  const path = newPath();
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const told = await writerTo(path);
  closeSync(reader);
  add(told, 'kept\n');
  told.writer.flush();
  await vi.waitFor(() => expect(told.failed).toEqual(['EPIPE']), { timeout: 5_000 });
  told.writer.flush();
  await sleep(20);
  expect(told.failed).toEqual(['EPIPE']); // not tried again before its time
  const next = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  told.writer.reopen();
  await vi.waitFor(() => expect(readAll(next)).toBe('kept\n'), { timeout: 5_000 });
  expect([told.recovered, told.reopened]).toEqual([1, [undefined]]);
  closeSync(next);
  await told.writer.end(0);
});

test('a full disk is told at each try, and at the end its lines are counted at once', async () => {
  const told = await writerTo('/dev/full');
  add(told, 'one\ntwo\n');
  told.writer.flush();
  await vi.waitFor(() => expect(told.failed).toEqual(['ENOSPC']), { timeout: 5_000 });
  add(told, 'three\n');
  const before = performance.now();
  expect(await told.writer.end(60_000)).toBe(3);
  expect(performance.now() - before).toBeLessThan(30_000);
  expect(told.recovered).toBe(0);
});

test('a disk that has room again is written', async () => {
  const path = newPath();
  const told = writerOf(openSync('/dev/full', 'w'), () => openLogFile(path));
  add(told, 'a\nb\n');
  told.writer.flush();
  await vi.waitFor(() => expect(told.failed).toEqual(['ENOSPC']), { timeout: 5_000 });
  told.writer.reopen();
  expect(await told.writer.end(10_000)).toBe(0);
  expect(readFileSync(path, 'latin1')).toBe('a\nb\n');
  expect(told.recovered).toBe(1);
});

test('a line that a failure cut begins anew in a new file', async () => {
  const pipe = newPath();
  execFileSync('mkfifo', [pipe]);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const path = newPath();
  const told = writerOf(await openLogFile(pipe), () => openLogFile(path));
  const lines = Array.from({ length: 100 }, (_, line) => `${line} ${'x'.repeat(7_000)}`);
  for (const line of lines) add(told, `${line}\n`);
  told.writer.flush();
  const head = readLength(reader);
  await vi.waitFor(() => expect(head.next()).toBeGreaterThan(60_000), { timeout: 5_000 });
  closeSync(reader);
  told.writer.flush();
  await vi.waitFor(() => expect(told.failed).toEqual(['EPIPE']), { timeout: 5_000 });
  told.writer.reopen();
  expect(await told.writer.end(10_000)).toBe(0);
  const kept = readFileSync(path, 'latin1').trimEnd().split('\n');
  expect(kept).toEqual(lines.slice(-kept.length));
  expect(kept.length).toBeLessThan(100);
});

test('a line that a failure cut goes on where the name leads to the same file', async () => {
  const path = newPath();
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const told = await writerTo(path);
  const text = Array.from({ length: 30 }, (_, line) => `${line} ${'x'.repeat(7_000)}\n`).join('');
  add(told, text);
  told.writer.flush();
  let before = '';
  await vi.waitFor(() => expect((before += readAll(reader)).length).toBeGreaterThan(60_000));
  expect(before.endsWith('\n')).toBe(false);
  closeSync(reader);
  told.writer.flush();
  await vi.waitFor(() => expect(told.failed).toEqual(['EPIPE']), { timeout: 5_000 });
  const next = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  onEnd(() => closeSync(next));
  told.writer.reopen();
  let after = '';
  const readOn = (): void => {
    told.writer.flush();
    expect(before + (after += readAll(next))).toBe(text);
  };
  await vi.waitFor(readOn, { timeout: 10_000 });
  await told.writer.end(0);
});

test('when the file is moved away under load, no line is lost and none is split', async () => {
  const path = newPath();
  const told = await writerTo(path);
  const moved: string[] = [];
  let line = 0;
  for (let round = 0; round < 20; round++) {
    for (let count = 0; count < 3_000; count++) {
      if (add(told, `${line} ${'y'.repeat(line % 300)}\n`)) line++;
    }
    told.writer.flush();
    if (round % 5 === 4) {
      moved.push(`${path}.${round}`);
      renameSync(path, moved.at(-1)!);
      const before = told.reopened.length;
      told.writer.reopen();
      await vi.waitFor(
        () => {
          told.writer.flush();
          expect(told.reopened.length).toBe(before + 1);
        },
        { timeout: 10_000 },
      );
      add(told, `${line++} new\n`);
    }
    await sleep(1);
  }
  expect(await told.writer.end(20_000)).toBe(0);
  const files = [...moved, path].map((name) => readFileSync(name, 'latin1'));
  expect(files.every((text) => text.endsWith('\n'))).toBe(true);
  const numbers = files
    .join('')
    .trimEnd()
    .split('\n')
    .map((row) => Number(row.split(' ')[0]));
  expect(numbers).toEqual(Array.from({ length: line }, (_, index) => index));
  expect(told.reopened).toEqual([undefined, undefined, undefined, undefined]);
});

test('a file that cannot be opened again: the old one is written on, and why is told', async () => {
  const path = newPath();
  const told = writerOf(await openLogFile(path), () => openLogFile(folder));
  told.writer.reopen();
  await vi.waitFor(() => expect(told.reopened).toHaveLength(1), { timeout: 5_000 });
  expect(told.reopened[0]!.message).toContain('EISDIR');
  add(told, 'still\n');
  expect(await told.writer.end(10_000)).toBe(0);
  expect(readFileSync(path, 'latin1')).toBe('still\n');
});

test('what has no name is not opened again', async () => {
  const file = openSync(newPath(), 'w+');
  const told = writerOf(file);
  told.writer.reopen();
  add(told, 'x\n');
  expect(await told.writer.end(10_000)).toBe(0);
  expect(told.reopened).toEqual([]);
  expect(writeSync(file, 'open')).toBe(4);
  closeSync(file);
});
