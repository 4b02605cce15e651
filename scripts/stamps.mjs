// stamps.mjs: remembers from what a build step made its output, so that nothing is made twice.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './terminal.mjs';

/** Files below a folder (or the file itself) with one of these endings, sorted; none given: all. */
export function filesBelow(path, endings) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [path];
  const files = readdirSync(full, { withFileTypes: true }).flatMap((entry) => {
    const child = join(path, entry.name);
    if (entry.isDirectory()) return filesBelow(child, endings);
    return entry.isFile() && hasEnding(entry.name, endings) ? [child] : [];
  });
  return files.sort();
}

/** SHA-256 over names and contents of files, and over further facts. */
export function digestOf(files, facts) {
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const file of files) {
    const content = readFileSync(join(root, file));
    hash.update(`\n${file} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

export function isFresh(stamp, digest, outputs) {
  const path = join(root, stamp);
  if (!outputs.every((output) => existsSync(join(root, output)))) return false;
  return existsSync(path) && readFileSync(path, 'utf8') === digest;
}

export function writeStamp(stamp, digest) {
  const path = join(root, stamp);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, digest);
}

function hasEnding(name, endings) {
  return endings === undefined || endings.some((ending) => name.endsWith(ending));
}
