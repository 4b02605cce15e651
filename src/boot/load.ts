// load.ts: from a path to a sealed, verified archive. Supervisor: may open files.
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { EXIT, Failure } from '../errors.ts';
import type { Manifest } from '../format/manifest.ts';
import { ARCHIVE_BYTES_MAX } from '../format/layout.ts';
import type { SealedMap, WallAddon } from '../native.ts';
import { verifyArchive } from './archive.ts';

export interface Archive {
  /** A sealed memfd: what is verified is what is served, whatever happens to the file. */
  readonly descriptor: number;
  readonly bytes: number;
  readonly map: SealedMap;
  readonly manifest: Manifest;
}

export function loadArchive(wall: WallAddon, path: string): Archive {
  const file = openArchiveFile(path);
  try {
    const descriptor = wall.sealFile(file);
    const map = wall.mapSealed(descriptor);
    const manifest = verifyArchive(new Uint8Array(map.buffer), path);
    return { descriptor, bytes: map.buffer.byteLength, map, manifest };
  } finally {
    closeSync(file);
  }
}

function openArchiveFile(path: string): number {
  let file: number;
  try {
    // Without O_NONBLOCK the open of a FIFO would wait for a writer.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw openFailure(path, (error as NodeJS.ErrnoException).code ?? 'EIO');
  }
  const stat = fstatSync(file);
  if (stat.isFile() && stat.size > 0 && stat.size <= ARCHIVE_BYTES_MAX) return file;
  closeSync(file);
  throw kindFailure(path, stat.isDirectory(), stat.isFile(), stat.size);
}

const OPEN_REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file. Make one: cdbpack SITE/ OUT.cdb.',
  EACCES: 'This user may not read it. Try chmod a+r, or start as its owner.',
};

function openFailure(path: string, code: string): Failure {
  return new Failure(
    EXIT.failure,
    `cannot open ${path}: ${code}. ${OPEN_REMEDIES[code] ?? ''}`.trim(),
  );
}

function kindFailure(path: string, isFolder: boolean, isFile: boolean, bytes: number): Failure {
  if (isFolder) {
    const text = `${path} is a folder, and an archive is served. Pack it first: cdbpack ${path}`;
    return new Failure(EXIT.failure, `${text} site.cdb.`);
  }
  if (!isFile) return new Failure(EXIT.failure, `${path} is no regular file. Name an archive.`);
  const why = bytes === 0 ? 'it is empty' : 'it is larger than a CDB can be (4 GiB)';
  return new Failure(EXIT.archiveRefused, `${path}: refused: ${why}. Pack or copy it again.`);
}
