// too_large.ts: what to leave out when a site does not fit into a CDB.
import { EXIT, Failure } from '../src/errors.ts';
import type { FileList } from './file_list.ts';
import { nameIn } from './site.ts';
import { compareBytes, printable, size } from './text.ts';

export interface StoredBytes {
  readonly identity: number;
  readonly coded: number;
}

type Size = readonly [name: string, bytes: number];

const NAMED = 10;

/** `stored` is what the archive had taken when it was full. */
export function tooLarge(files: FileList, stored: StoredBytes, archiveBytesMax: number): Failure {
  const total = size(files.totalBytes);
  const lines = [
    `the site does not fit: a CDB holds ${size(archiveBytesMax)}, the files are ${total}.`,
    'The largest files:',
    ...largest(fileSizes(files)),
    'The largest folders:',
    ...largest(folderSizes(files)),
    stored.coded > stored.identity
      ? 'Compressed bodies are the bulk: store fewer with --codings, or none with --compress none.'
      : 'Leave some out with --exclude, or serve them from elsewhere.',
  ];
  return new Failure(EXIT.failure, lines.join('\n'));
}

function* fileSizes(files: FileList): Generator<Size> {
  for (const { site, path, bytes } of files) yield [nameIn(site, path), bytes];
}

/** Bytes of each folder with everything below it; names end with '/'. */
function folderSizes(files: FileList): Map<string, number> {
  const folders = new Map<string, number>();
  for (const { site, path: below, bytes } of files) {
    const path = nameIn(site, below);
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      const folder = path.slice(0, at + 1);
      folders.set(folder, (folders.get(folder) ?? 0) + bytes);
    }
  }
  return folders;
}

/** Holds no more of them than it names. */
function largest(sizes: Iterable<Size>): string[] {
  const ranked: Size[] = [];
  for (const each of sizes) {
    if (ranked.length === NAMED && compareSizes(each, ranked.at(-1)!) >= 0) continue;
    ranked.push(each);
    ranked.sort(compareSizes);
    ranked.splice(NAMED);
  }
  return ranked.map(([name, bytes]) => `  ${size(bytes).padStart(8)}  ${printable(name)}`);
}

function compareSizes(left: Size, right: Size): number {
  return right[1] - left[1] || compareBytes(left[0], right[0]);
}
