// read.test.ts: reading a file that nobody changes meanwhile.
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDigested, readFiles, readOnce, readStable } from '../../archiver/read.ts';
import { ownBuffer, sharedBuffers } from '../../archiver/slab.ts';
import { sha256 } from '../../archiver/store.ts';
import { MODIFIED, noise, temporaryFolder } from '../support/site.ts';

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);

test('the bytes and the time of a file', () => {
  const content = noise(200_000, 3);
  writeFileSync(path('a'), content);
  utimesSync(path('a'), MODIFIED, MODIFIED);
  expect(readStable(path('a'))).toEqual({ bytes: content, modifiedMs: MODIFIED.getTime() });
  writeFileSync(path('empty'), '');
  expect(readStable(path('empty')).bytes.length).toBe(0);
});

test('a file that changes once while it is read is read again', () => {
  writeFileSync(path('b'), 'one');
  let reads = 0;
  const content = readStable(path('b'), (name) => {
    const found = readOnce(name);
    return ++reads === 1 ? undefined : found;
  });
  expect([Buffer.from(content.bytes).toString(), reads]).toEqual(['one', 2]);
});

test('one that keeps changing is a Failure', () => {
  let reads = 0;
  const changing = () => {
    reads++;
    return undefined;
  };
  expect(() => readStable(path('b'), changing)).toThrow(
    /b: it changes while it is read\. Pack when nothing writes to the site\./,
  );
  expect(reads).toBe(2);
});

test('a file that says another length than it has is one that changes', () => {
  // The kernel's own files have 4,096 bytes by their inode and fewer when read.
  expect(readOnce('/sys/devices/system/cpu/online')).toBeUndefined();
});

test('a pipe, a folder and nothing are Failures, and none makes it wait', () => {
  expect(spawnSync('mkfifo', [path('pipe')]).status).toBe(0);
  mkdirSync(path('dir'));
  expect(() => readOnce(path('pipe'))).toThrow(/pipe: it is no longer a file\./);
  expect(() => readOnce(path('dir'))).toThrow(/dir: it is no longer a file\./);
  expect(() => readOnce(path('nope'))).toThrow(/nope: ENOENT\. It vanished meanwhile/);
});

test('what was appended between two packs is read', () => {
  writeFileSync(path('c'), 'a');
  expect(readStable(path('c')).bytes.length).toBe(1);
  appendFileSync(path('c'), 'b');
  expect(readStable(path('c')).bytes.length).toBe(2);
});

test('many are read into buffers they share, each with its SHA-256', () => {
  const contents = [noise(100, 1), noise(50_000, 2), Buffer.alloc(0), noise(700, 3)];
  const paths = contents.map((_, at) => path(`many${at}`));
  for (const [at, content] of contents.entries()) writeFileSync(paths[at]!, content);
  for (const take of [ownBuffer, sharedBuffers()]) {
    for (const [at, found] of readFiles(paths, take).entries()) {
      expect(Buffer.compare(found!.bytes, contents[at]!)).toBe(0);
      expect(found!.digest).toEqual(sha256(contents[at]!));
    }
  }
});

test('what cannot be read is left to who asks again, and the others are read', () => {
  writeFileSync(path('there'), 'there');
  const [there, gone, folder] = readFiles([path('there'), path('gone'), path('dir')], ownBuffer);
  expect(Buffer.from(there!.bytes).toString()).toBe('there');
  expect([gone, folder]).toEqual([undefined, undefined]);
  expect(() => readDigested(path('gone'))).toThrow(/gone: ENOENT\. It vanished meanwhile/);
});
