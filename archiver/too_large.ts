// too_large.ts: what to leave out when a site does not fit into a CDB.
import { EXIT, Failure } from '../src/errors.ts';
import { nameIn } from './scan.ts';
import type { SiteFile } from './scan.ts';
import { compareBytes, printable, size } from './text.ts';

export interface StoredBytes {
  readonly identity: number;
  readonly coded: number;
}

const NAMED = 10;

/** `stored` is what the archive had taken when it was full. */
export function tooLarge(
  files: readonly SiteFile[],
  stored: StoredBytes,
  archiveBytesMax: number,
): Failure {
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  const lines = [
    `the site does not fit: a CDB holds ${size(archiveBytesMax)}, the files are ${size(total)}.`,
    'The largest files:',
    ...largest(files.map((file) => [nameIn(file.site, file.path), file.bytes])),
    'The largest folders:',
    ...largest([...folderSizes(files)]),
    stored.coded > stored.identity
      ? 'Compressed bodies are the bulk: store fewer with --codings, or none with --compress none.'
      : 'Leave some out with --exclude, or serve them from elsewhere.',
  ];
  return new Failure(EXIT.failure, lines.join('\n'));
}

/** Bytes of each folder with everything below it; names end with '/'. */
function folderSizes(files: readonly SiteFile[]): Map<string, number> {
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

function largest(sizes: (readonly [name: string, bytes: number])[]): string[] {
  const ranked = sizes.sort((left, right) => right[1] - left[1] || compareBytes(left[0], right[0]));
  return ranked
    .slice(0, NAMED)
    .map(([name, bytes]) => `  ${size(bytes).padStart(8)}  ${printable(name)}`);
}
