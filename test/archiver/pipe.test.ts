// pipe.test.ts: writing into a pipe whose reader is slow.
import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { endQuietlyOnClosedPipe, pipeBytes, pipeLines } from '../../archiver/pipe.ts';
import { noise } from '../support/site.ts';

test('bytes of any length arrive, and no more than a slice waits in memory', async () => {
  const bytes = noise(3_500_000, 4);
  const taken: Buffer[] = [];
  let most = 0;
  const slow = new Writable({
    write(chunk: Buffer, _, done) {
      most = Math.max(most, slow.writableLength);
      taken.push(chunk);
      setImmediate(done);
    },
  });
  await pipeBytes(slow, bytes);
  slow.end();
  await new Promise((resolve) => void slow.on('finish', resolve));
  expect(Buffer.compare(Buffer.concat(taken), bytes)).toBe(0);
  expect(most).toBeLessThanOrEqual(1024 * 1024);
});

test('nothing is written for no bytes', async () => {
  const stream = new PassThrough();
  await pipeBytes(stream, new Uint8Array(0));
  expect(stream.readableLength).toBe(0);
});

test('an error that is not a closed pipe is thrown', () => {
  const stream = new PassThrough();
  endQuietlyOnClosedPipe(stream);
  const error = Object.assign(new Error('disk full'), { code: 'ENOSPC' });
  expect(() => stream.emit('error', error)).toThrow('disk full');
});

test('lines without end are written as they are read', async () => {
  let made = 0;
  const lines = function* () {
    for (; made < 200_000; made++) yield `${made}\n`;
  };
  let taken = '';
  let most = 0;
  const slow = new Writable({
    decodeStrings: false,
    write(chunk: string, _, done) {
      taken += chunk;
      most = Math.max(most, chunk.length);
      setImmediate(done);
    },
  });
  const done = pipeLines(slow, lines());
  expect(made).toBeLessThan(20_000);
  await done;
  slow.end();
  await new Promise((resolve) => void slow.on('finish', resolve));
  expect(taken.length).toBe(1_288_890);
  expect(taken.endsWith('\n199999\n')).toBe(true);
  expect(most).toBeLessThan(70_000);
});
