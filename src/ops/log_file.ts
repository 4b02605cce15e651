// log_file.ts: opens the file of an access log, as whoever serves: what opens at the start opens
// again when it was moved away.
import { close, constants, fstat, open } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { EXIT, Failure } from '../errors.ts';

/** Without O_NONBLOCK the open of a FIFO would wait for a reader, and a write for room. */
const FLAGS =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  constants.O_NONBLOCK |
  constants.O_NOCTTY;
/** Of a new one: addresses of people are in it. */
const MODE = 0o640;

/** Throws a Failure. */
export async function openLogFile(path: string): Promise<number> {
  let descriptor: number;
  try {
    descriptor = await promisify(open)(path, FLAGS, MODE);
  } catch (error) {
    throw refusal(path, (error as NodeJS.ErrnoException).code ?? 'EIO');
  }
  const facts = await promisify(fstat)(descriptor);
  if (!facts.isBlockDevice()) return descriptor;
  await promisify(close)(descriptor);
  throw refusal(path, 'a disk');
}

const REMEDIES: Readonly<Record<string, (path: string) => string>> = {
  EACCES: (path) => rightsRemedy(path),
  EPERM: (path) => rightsRemedy(path),
  EISDIR: (path) => `It is a folder. Name a file in it: ${path.replace(/\/*$/, '')}/access.log.`,
  ENOENT: (path) => {
    const folder = dirname(resolve(path));
    return `There is no folder ${folder}. Make it: install -d -o ${own()} ${folder}.`;
  },
  ENOTDIR: (path) => `${dirname(path)} is no folder. Name a file in one.`,
  ENXIO: () => 'It is a FIFO that nobody reads, or a socket. Start its reader first.',
  EROFS: () => 'Nothing can be written there. Name a file on another file system.',
  ENOSPC: () => 'The disk is full. Make room, or name a file on another one.',
  EDQUOT: () => 'The quota is used up. Make room, or name a file elsewhere.',
  ELOOP: () => 'Symbolic links lead in a circle. Remove one.',
  'a disk': () => 'It is a block device, and a log is a file. Name a file.',
};

function refusal(path: string, code: string): Failure {
  const remedy = REMEDIES[code]?.(path) ?? 'The disk or its file system may have failed.';
  return new Failure(EXIT.failure, `cannot open the access log ${path}: ${code}. ${remedy}`);
}

/** Not the folder it is in: that may be everybody's. */
function rightsRemedy(path: string): string {
  const folder = dirname(resolve(path));
  const better = join(folder, 'cdbserve');
  return (
    `User ${own()} may not write it, or make it in ${folder}. Give that user a folder: ` +
    `install -d -o ${own()} ${better}; and name ${join(better, basename(path))}.`
  );
}

function own(): number {
  return process.geteuid!();
}
