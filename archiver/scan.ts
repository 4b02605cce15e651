// scan.ts: walks a site's folder and gives its files, and a warning for everything that cannot be
// served.
//
// File names are bytes. Those that are UTF-8 become strings, which lose nothing; the others no URL
// can reach.
import { lstatSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { EXIT, Failure } from '../src/errors.ts';
import type { FileList } from './file_list.ts';
import { IGNORE_FILE, isRuleFile, makeIgnored } from './ignored.ts';
import { nameIn } from './site.ts';
import type { Site, SiteFile, Warning } from './site.ts';
import { isReachable } from './target.ts';
import { compareBytes, printable } from './text.ts';
import { unreadable } from './unreadable.ts';

export interface ScanOptions {
  readonly followSymlinks: boolean;
  readonly includeHidden: boolean;
  readonly excludes: readonly string[];
  /** Whether a name in the folder with this identity is the archive or a temporary file of it. */
  isOutput(folder: Stats, name: string): boolean;
  /** A folder is about to be read; its path as it can be opened. */
  onFolder(path: string): void;
  onFound(file: FoundFile): void;
}

export interface FoundFile extends SiteFile {
  /** Milliseconds since 1970: content, name or rights were changed then (st_ctime). */
  readonly changedMs: number;
  /** st_ino */
  readonly inode: number;
}

interface Walk {
  readonly site: Site;
  readonly root: string;
  readonly realRoot: string;
  readonly options: ScanOptions;
  readonly ignored: (path: string, folder: boolean) => boolean;
  readonly files: FileList;
  readonly warnings: Warning[];
}

interface Folder {
  /** Relative to the root; '' is the root. */
  readonly path: string;
  /** Of this folder and those above it, `dev:ino`: a link back to one of them would never end. */
  readonly identities: readonly string[];
}

/**
 * Adds the files of a site in the order of the bytes of their paths; gives the warnings. Throws a
 * Failure when the root or anything below it cannot be read.
 */
export function scanSite(site: Site, options: ScanOptions, files: FileList): Warning[] {
  const { root } = site;
  const stats = statRoot(root);
  const walk: Walk = {
    site,
    root,
    realRoot: realpathSync(root),
    options,
    ignored: makeIgnored({ ...options, file: readIgnoreFile(root) }),
    files,
    warnings: [],
  };
  const folders = [scanFolder(walk, { path: '', identities: [identityOf(stats)] })];
  for (let folder = folders.at(-1); folder; folder = folders.at(-1)) {
    const { value } = folder.next();
    if (value === undefined) folders.pop();
    else if ('identities' in value) folders.push(scanFolder(walk, value));
    else {
      files.add(value);
      options.onFound(value);
    }
  }
  walk.warnings.sort((left, right) => compareBytes(left.path, right.path));
  return walk.warnings.map(({ path, text }) => ({ path: nameIn(site, path), text }));
}

/** Two paths with one identity are one file. */
export function identityOf(stats: Stats): string {
  return `${stats.dev}:${stats.ino}`;
}

function statRoot(root: string): Stats {
  let stats: Stats;
  try {
    stats = statSync(root);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOENT', 'ENOTDIR'].includes(code)) throw unreadable(root, 'open', error);
    const text = `there is no folder ${printable(root)}. Name the folder to be packed.`;
    throw new Failure(EXIT.failure, text, { cause: error });
  }
  if (stats.isDirectory()) return stats;
  const text = `${printable(root)} is not a folder. Name the folder, not a file in it.`;
  throw new Failure(EXIT.failure, text);
}

function readIgnoreFile(root: string): string {
  const path = join(root, IGNORE_FILE);
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() ? readFileSync(path, 'utf8') : '';
  } catch (error) {
    throw unreadable(path, 'read', error);
  }
}

/** What is in a folder, in the order in which the paths of files come. */
function* scanFolder(walk: Walk, folder: Folder): Generator<FoundFile | Folder, undefined> {
  const absolute = join(walk.root, folder.path);
  walk.options.onFolder(absolute);
  const { names, stats } = readFolder(absolute);
  const found: { readonly bytes: string; readonly entry: FoundFile | Folder }[] = [];
  for (const bytes of names) {
    const name = decodeName(bytes);
    const path = folder.path === '' ? (name ?? '') : `${folder.path}/${name ?? ''}`;
    if (name === undefined) warnName(walk, folder.path, bytes);
    else if (!walk.options.isOutput(stats, name)) {
      const entry = scanEntry(walk, folder, path);
      // What is in a folder has a slash after the folder's name.
      if (entry) found.push({ bytes: 'identities' in entry ? `${bytes}/` : bytes, entry });
    }
  }
  found.sort((left, right) => (left.bytes < right.bytes ? -1 : 1));
  warnCasePairs(walk, found);
  for (const { entry } of found) yield entry;
  return undefined;
}

/** They are two names here, and one where the site is edited or extracted on some other systems. */
function warnCasePairs(walk: Walk, found: readonly { readonly entry: FoundFile | Folder }[]): void {
  const seen = new Set<string>();
  for (const { entry } of found) {
    const path = entry.path.toLowerCase();
    if (seen.has(path)) {
      const text = 'a name beside it differs in case alone: some systems hold only one of them';
      walk.warnings.push({ path: entry.path, text });
    }
    seen.add(path);
  }
}

/** Names have a character for each byte. */
function readFolder(path: string): { names: readonly string[]; stats: Stats } {
  try {
    return { names: readdirSync(path, { encoding: 'latin1' }), stats: statSync(path) };
  } catch (error) {
    throw unreadable(path, 'read the folder', error);
  }
}

function scanEntry(walk: Walk, folder: Folder, path: string): FoundFile | Folder | undefined {
  const absolute = join(walk.root, path);
  const own = statEntry(absolute);
  // Rules that name a folder with '/' mean what a link leads to; for a plain name it makes no
  // difference.
  const stats = own.isSymbolicLink() ? statTarget(absolute) : own;
  if (walk.ignored(path, stats?.isDirectory() ?? false)) return undefined;
  const warn = (text: string) => void walk.warnings.push({ path, text });
  if (own.isSymbolicLink() && !mayFollow(walk, absolute, warn)) return undefined;
  if (!stats) return undefined;
  if (stats.isDirectory()) return enter(folder, path, stats, warn);
  if (!stats.isFile()) warn(`${kindOf(stats)} is no content: skipped`);
  else if (path.includes('\\')) warn('no URL can reach a name with a backslash: skipped');
  else if (!isReachable(`/${path}`, walk.site.host)) {
    warn('its URL would be longer than a request may be: skipped');
  } else {
    const { size: bytes, mtimeMs: modifiedMs, ctimeMs: changedMs, ino: inode } = stats;
    return { site: walk.site, path, bytes, modifiedMs, changedMs, inode };
  }
  return undefined;
}

/** Undefined for a link that leads nowhere: mayFollow says why. */
function statTarget(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function statEntry(path: string): Stats {
  try {
    return lstatSync(path);
  } catch (error) {
    throw unreadable(path, 'look at', error);
  }
}

function enter(
  folder: Folder,
  path: string,
  stats: Stats,
  warn: (text: string) => void,
): Folder | undefined {
  const identity = identityOf(stats);
  if (folder.identities.includes(identity)) {
    warn('a symbolic link to a folder that it is in: skipped');
    return undefined;
  }
  return { path, identities: [...folder.identities, identity] };
}

function mayFollow(walk: Walk, absolute: string, warn: (text: string) => void): boolean {
  let target: string;
  try {
    target = realpathSync(absolute);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') warn('a symbolic link that leads in a circle: skipped');
    else if (code === 'ENOENT') warn('a symbolic link to nothing: skipped');
    else throw unreadable(absolute, 'follow the symbolic link', error);
    return false;
  }
  if (isOwnFile(walk, target)) return false;
  if (isBelow(walk.realRoot, target) || walk.options.followSymlinks) return true;
  warn('a symbolic link out of the site: skipped (--follow-symlinks packs it)');
  return false;
}

/**
 * A link to the archive would put the last one into the next; one to a rule file would publish the
 * rules.
 */
function isOwnFile(walk: Walk, target: string): boolean {
  const { realRoot } = walk;
  if (isBelow(realRoot, target) && isRuleFile(relative(realRoot, target))) return true;
  return walk.options.isOutput(statEntry(dirname(target)), basename(target));
}

function isBelow(root: string, target: string): boolean {
  return target === root || target.startsWith(root.endsWith(sep) ? root : root + sep);
}

function decodeName(bytes: string): string | undefined {
  if (/^[\0-\x7f]*$/.test(bytes)) return bytes;
  const name = Buffer.from(bytes, 'latin1').toString('utf8');
  return Buffer.from(name, 'utf8').toString('latin1') === bytes ? name : undefined;
}

function warnName(walk: Walk, folder: string, bytes: string): void {
  const shown = bytes.replace(/[^\x20-\x7e]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  const path = folder === '' ? shown : `${folder}/${shown}`;
  walk.warnings.push({ path, text: 'no URL can reach a name that is not UTF-8: skipped' });
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
