// subject.ts: what the argument of cdbserve is: a folder to preview, an archive to serve, or
// something else that is told by name.
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { distance } from './cli.ts';
import { EXIT, Failure } from './errors.ts';
import { CDB_HEADER_BYTES, CDB_RECORD_HEAD_BYTES, KEY_MANIFEST } from './format/layout.ts';
import { clean } from './ops/lines.ts';

/** What can be told of a file by its first bytes: file(1) has many more. */
const HEAD_BYTES = 4_096;
const EXCERPT_CHARACTERS = 40;

/** Offset, bytes as Latin-1, and what has them. */
const KINDS: readonly (readonly [at: number, bytes: string, kind: string])[] = [
  [0, 'PK\x03\x04', 'a ZIP file'],
  [0, 'PK\x05\x06', 'a ZIP file'],
  [0, '\x1f\x8b', 'a gzip file'],
  [0, 'BZh', 'a bzip2 file'],
  [0, '\xfd7zXZ\0', 'an xz file'],
  [0, '\x28\xb5\x2f\xfd', 'a Zstandard file'],
  [0, '7z\xbc\xaf\x27\x1c', 'a 7-Zip file'],
  [0, 'Rar!\x1a\x07', 'a RAR file'],
  [257, 'ustar', 'a tar file'],
];

/** Whether a folder is there. */
export function isFolder(path: string): boolean {
  return lookAt(path) === 'folder';
}

/**
 * Throws a Failure that says what the path leads to when that is known and no archive. Of all else
 * the loader of archives says what is wrong.
 */
export function expectArchive(path: string): void {
  const found = lookAt(path);
  if (found === 'nothing' && !path.endsWith('.cdb')) refuseMissing(path);
  const head = found === 'other' ? headOf(path) : undefined;
  if (head !== undefined && head.length > 0) refuseOther(path, head);
}

/** Undefined: it cannot be looked at. */
function lookAt(path: string): 'folder' | 'other' | 'nothing' | undefined {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'other';
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return ['ENOENT', 'ENOTDIR'].includes(code) ? 'nothing' : undefined;
  }
}

function refuseMissing(path: string): never {
  const near = nearestName(path);
  const remedy =
    near === undefined
      ? 'Name a folder to preview it, or an archive that cdbpack made.'
      : `Did you mean ${near}?`;
  const text = `there is no ${path.endsWith('/') ? 'folder ' : ''}${path}. ${remedy}`;
  throw new Failure(EXIT.failure, text);
}

/** A folder or an archive beside it, for a slip of the pen. */
function nearestName(path: string): string | undefined {
  const wanted = basename(path);
  const folder = dirname(path);
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const found = entries.find((entry) => {
      const fits = entry.isDirectory() || entry.name.endsWith('.cdb');
      return fits && entry.name.length > 2 && distance(entry.name, wanted) <= 2;
    });
    return found && join(folder, found.name) + (found.isDirectory() ? '/' : '');
  } catch {
    return undefined;
  }
}

/** Undefined: it cannot be read, or is no file. */
function headOf(path: string): Buffer | undefined {
  let descriptor: number;
  try {
    // Not to wait for a writer of a pipe.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    if (!fstatSync(descriptor).isFile()) return undefined;
    const bytes = Buffer.alloc(HEAD_BYTES);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** Comes back from what may be an archive, whole or not. */
function refuseOther(path: string, head: Buffer): void {
  if (isArchive(head)) return;
  const kind = KINDS.find(([at, bytes]) => startsAt(head, at, bytes))?.[2];
  if (kind !== undefined) {
    const text = `${path} is ${kind}, neither a folder nor a CDB archive.`;
    const remedy = 'Unpack it and run cdbserve FOLDER, or cdbpack FOLDER.';
    throw new Failure(EXIT.archiveRefused, `${text} ${remedy}`);
  }
  if (!isText(head)) return;
  if (/\.x?html?$/i.test(path)) {
    const text = `${path} is a page, and a site is served.`;
    throw new Failure(EXIT.archiveRefused, `${text} Name its folder: cdbserve ${dirname(path)}/.`);
  }
  const begin = clean(head.toString('latin1')).trim().slice(0, EXCERPT_CHARACTERS);
  const text = `${path} is a text file that begins ${JSON.stringify(begin)}, and no CDB archive.`;
  const remedy = 'If it was downloaded, that failed: copy it again. Else name the folder to serve.';
  throw new Failure(EXIT.archiveRefused, `${text} ${remedy}`);
}

/** The manifest is the first record of ours. */
function isArchive(head: Buffer): boolean {
  return startsAt(head, CDB_HEADER_BYTES + CDB_RECORD_HEAD_BYTES, KEY_MANIFEST);
}

function startsAt(head: Buffer, at: number, bytes: string): boolean {
  return head.toString('latin1', at, at + bytes.length) === bytes;
}

/** No control byte but those of text, of which a CDB has many among its first ones. */
function isText(head: Buffer): boolean {
  return head.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0x1b);
}
