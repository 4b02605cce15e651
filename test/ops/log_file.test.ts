// log_file.test.ts: what can be a log, and what is said of what cannot.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLogFile } from '../../src/ops/log_file.ts';
import { temporaryFolder } from '../support/site.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

async function refused(path: string): Promise<string> {
  return openLogFile(path).then(
    (descriptor) => {
      closeSync(descriptor);
      return 'opened';
    },
    (error: Error) => error.message,
  );
}

test('a new file is there for its owner and group; one that is there is kept', async () => {
  const descriptor = await openLogFile(at('new'));
  expect(statSync(at('new')).mode & 0o7777).toBe(0o640 & ~process.umask());
  writeSync(descriptor, 'one\n');
  closeSync(descriptor);
  const again = await openLogFile(at('new'));
  writeSync(again, 'two\n');
  closeSync(again);
  expect(readFileSync(at('new'), 'utf8')).toBe('one\ntwo\n');
});

test('a symbolic link is followed', async () => {
  writeFileSync(at('target'), '');
  symlinkSync(at('target'), at('link'));
  const descriptor = await openLogFile(at('link'));
  writeSync(descriptor, 'x');
  closeSync(descriptor);
  expect(readFileSync(at('target'), 'utf8')).toBe('x');
});

test('a device that takes everything is a log', async () => {
  expect(await refused('/dev/null')).toBe('opened');
});

test('a FIFO that somebody reads is a log, and one that nobody reads is refused at once', async () => {
  execFileSync('mkfifo', [at('fifo')]);
  expect(await refused(at('fifo'))).toMatch(/: ENXIO\. It is a FIFO that nobody reads/);
  const reader = openSync(at('fifo'), constants.O_RDONLY | constants.O_NONBLOCK);
  expect(await refused(at('fifo'))).toBe('opened');
  closeSync(reader);
});

test('what cannot be a log is said, with what to do', async () => {
  mkdirSync(at('folder'));
  writeFileSync(at('file'), '');
  symlinkSync(at('circle'), at('circle'));
  expect(await refused(at('folder'))).toBe(
    `cannot open the access log ${at('folder')}: EISDIR. It is a folder. ` +
      `Name a file in it: ${at('folder')}/access.log.`,
  );
  expect(await refused(at('no/x'))).toMatch(/: ENOENT\. .* install -d -o \d+ .*\/no\.$/);
  expect(await refused(at('file/x'))).toMatch(/: ENOTDIR\. /);
  expect(await refused(at('circle'))).toMatch(/: ELOOP\. /);
});

test('a socket is refused', async () => {
  const server = createServer().listen(at('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  expect(await refused(at('socket'))).toMatch(/: ENXIO\. .* or a socket\./);
  server.close();
});
