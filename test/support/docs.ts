// docs.ts: a real site of a thousand pages: the Python documentation of Debian's package
// python3.11-doc.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

export const DOCS = '/usr/share/doc/python3.11/html';

/** Every file below the folder, links followed; paths from its root, in order. */
export function filesOf(folder: string): string[] {
  const paths: string[] = [];
  const walk = (at: string): void => {
    for (const name of readdirSync(at).sort()) {
      const path = join(at, name);
      if (statSync(path).isDirectory()) walk(path);
      else if (!name.startsWith('.')) paths.push(relative(folder, path));
    }
  };
  walk(folder);
  return paths;
}

export function contentOf(path: string): Buffer {
  return readFileSync(join(DOCS, path));
}
