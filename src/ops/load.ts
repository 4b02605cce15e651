// load.ts: from a path to sealed memory with a copy of the file. The supervisor never maps it.
import {
  type BigIntStats,
  accessSync,
  closeSync,
  constants,
  fstat,
  fstatSync,
  open,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { EXIT, Failure } from '../errors.ts';
import { ARCHIVE_BYTES_MAX } from '../format/layout.ts';
import type { WallAddon } from '../native.ts';

export interface Sealed {
  /** A sealed memfd: what is verified is what is served, whatever happens to the file. */
  readonly descriptor: number;
  readonly bytes: number;
  /** F_GET_SEALS. */
  readonly seals: number;
  /** identityOf() the file it was copied from. */
  readonly identity: string;
}

/** Opens and copies beside the loop. Throws a Failure. */
export async function sealArchive(wall: WallAddon, path: string): Promise<Sealed> {
  const file = await openFile(path);
  try {
    const stat = await promisify(fstat)(file, { bigint: true });
    const problem = kindFailure(path, stat);
    if (problem) throw problem;
    const descriptor = await wall.sealFile(file);
    const bytes = fstatSync(descriptor).size;
    return { descriptor, bytes, seals: wall.sealsOf(descriptor), identity: identityOf(stat) };
  } catch (error) {
    throw error instanceof Failure ? error : copyFailure(path, error as NodeJS.ErrnoException);
  } finally {
    closeSync(file);
  }
}

/** Two of one file differ when somebody has written to it, and so do those of two files. */
export function identityOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs].join(' ');
}

/** Undefined: this process can open it. */
export async function whyNotOpened(path: string): Promise<Failure | undefined> {
  try {
    closeSync(await openFile(path));
    return undefined;
  } catch (error) {
    return error as Failure;
  }
}

async function openFile(path: string): Promise<number> {
  try {
    // Without O_NONBLOCK the open of a FIFO would wait for a writer.
    return await promisify(open)(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw openFailure(path, (error as NodeJS.ErrnoException).code ?? 'EIO');
  }
}

const OPEN_REMEDIES: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: () => 'There is no such file. Make one: cdbpack SITE/ OUT.cdb.',
  EACCES: (path) => accessRemedy(path),
};

function openFailure(path: string, code: string): Failure {
  const remedy = OPEN_REMEDIES[code]?.(path) ?? '';
  return new Failure(EXIT.failure, `cannot open ${path}: ${code}. ${remedy}`.trim());
}

function accessRemedy(path: string): string {
  const who = `User ${process.geteuid?.()}`;
  const folder = foldersOf(resolve(path)).find((name) => !mayEnter(name));
  if (folder !== undefined) return `${who} may not enter ${folder}. Try chmod a+x ${folder}.`;
  return `${who} may not read it. Try chmod a+r ${path}, or chown it to that user.`;
}

/** The outermost first. */
function foldersOf(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [folder] : [...foldersOf(folder), folder];
}

function mayEnter(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function kindFailure(path: string, stat: BigIntStats): Failure | undefined {
  if (stat.isDirectory()) {
    const text = `${path} is a folder, and an archive is served. Pack it first: cdbpack ${path}`;
    return new Failure(EXIT.failure, `${text} site.cdb.`);
  }
  if (!stat.isFile()) {
    return new Failure(EXIT.failure, `${path} is no regular file. Name an archive.`);
  }
  if (stat.size === 0n) return refusal(path, 'it is empty');
  if (stat.size <= ARCHIVE_BYTES_MAX) return undefined;
  return refusal(path, 'it is larger than a CDB can be (4 GiB)');
}

function refusal(path: string, why: string): Failure {
  return new Failure(EXIT.archiveRefused, `${path}: refused: ${why}. Pack or copy it again.`);
}

const COPY_REMEDIES: Readonly<Record<string, string>> = {
  EAGAIN: 'Somebody writes to it. Copy it beside, then rename it.',
  ENOMEM: 'No memory for a copy of it. Give the service more, or pack less.',
  ENOSPC: 'No memory for a copy of it. Give the service more, or pack less.',
};

function copyFailure(path: string, { code, message }: NodeJS.ErrnoException): Failure {
  const remedy = COPY_REMEDIES[code ?? ''] ?? 'The disk or its file system may have failed.';
  return new Failure(EXIT.failure, `cannot copy ${path} into memory: ${message}. ${remedy}`);
}
