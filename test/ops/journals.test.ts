// journals.test.ts: a journal is there from before its worker until every reader is done with it.
import { closeSync, fstatSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadWall } from '../../src/native.ts';
import { type JournalReader, Journals } from '../../src/ops/journals.ts';
import { addonPath } from '../../src/paths.ts';

const wall = loadWall(addonPath('wall'));

class Slow implements JournalReader {
  readonly known: number[] = [];
  readonly #ends: (() => void)[] = [];
  born(journal: number): void {
    this.known.push(journal);
  }
  gone(): Promise<void> {
    return new Promise((resolve) => this.#ends.push(resolve));
  }
  finish(): void {
    this.#ends.shift()!();
  }
}

test('readers know it before the worker has it, and it has the size asked for', () => {
  const reader = new Slow();
  const journal = new Journals(wall, 4_096, [reader]).create();
  expect(reader.known).toEqual([journal]);
  expect(fstatSync(journal).size).toBe(24_576 + 4_096);
  closeSync(journal);
});

test('it is closed when the last reader is done, and waited for', async () => {
  const readers = [new Slow(), new Slow()];
  const journals = new Journals(wall, 0, readers);
  const journal = journals.create();
  journals.retire(journal);
  let settled = false;
  const settling = journals.settled().then(() => (settled = true));
  readers[0]!.finish();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect([fstatSync(journal).size, settled]).toEqual([24_576, false]);
  readers[1]!.finish();
  await settling;
  expect(() => fstatSync(journal)).toThrow('EBADF');
});

test('with none retired there is nothing to wait for', async () => {
  await expect(new Journals(wall, 0, []).settled()).resolves.toBeUndefined();
});
