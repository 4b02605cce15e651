// paths.ts: where the package's own files are. The worker never imports this: it learns no path.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)));
export const version = (
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
).version;

export const workerBundle = join(packageRoot, 'dist', 'worker.cjs');
export const verifierBundle = join(packageRoot, 'dist', 'verifier.cjs');

/** Threads of cdbpack; built, also where the sources themselves are run. */
export const packingThread = join(packageRoot, 'dist', 'packing_thread.cjs');

/** The packer of a preview, likewise. */
export const previewPacker = join(packageRoot, 'dist', 'archiver', 'preview.js');

/** The project's own pages. */
export const defaultArchive = join(packageRoot, 'dist', 'site.cdb');

/** Parent of all workers: native/spawner/. */
export const spawnerPath = join(packageRoot, 'native', 'build', 'Release', 'spawner');

export function addonPath(name: 'cdb' | 'wall'): string {
  return join(packageRoot, 'native', 'build', 'Release', `${name}.node`);
}

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  return findRoot(dirname(from));
}
