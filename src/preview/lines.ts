// lines.ts: what a preview tells whoever watches it. Pure.
import { basename, resolve } from 'node:path';
import { size } from '../format/size.ts';
import type { Change, Changes, Packed } from './messages.ts';

export interface Shown {
  readonly version: string;
  /** As it was named. */
  readonly site: string;
  readonly urls: readonly string[];
  /** Options of cdbpack that were given. */
  readonly packing: readonly string[];
}

export function startLine(
  { version, site, urls, packing }: Shown,
  { files, archiveBytes }: Pick<Packed, 'files' | 'archiveBytes'>,
): string {
  const what = `${counted(files, 'file')}, ${size(archiveBytes)}, ${urls.join(' ')}`;
  const publish = `publish it by ${publishLine(site, packing)}`;
  return `${version}: preview of ${site}: ${what}, packed again at each change; ${publish}`;
}

export function changeLine({ count, first }: Changes, milliseconds: number): string {
  const names = first.map(({ name, how }) => `${name} ${VERBS[how]}`);
  const more = count - first.length;
  const all = more > 0 ? [...names, `${more.toLocaleString('en-US')} more`] : names;
  return `${all.join(', ')}: served after ${Math.round(milliseconds)} ms`;
}

const VERBS: Readonly<Record<Change['how'], string>> = {
  changed: 'changed',
  new: 'is new',
  gone: 'is gone',
};

/** What is packed has no page at its root. */
export function noRootLine(site: string, url: string): string {
  const what = `there is no index.html at the top of ${site}: ${url} answers 404`;
  return `${what}. Is the site built into a folder below it? Name that one.`;
}

/** cdbpack calls the archive after the folder. */
function publishLine(site: string, packing: readonly string[]): string {
  const name = basename(resolve(site));
  const out = name === '' ? ['site.cdb'] : [];
  const archive = `${name || 'site'}.cdb`;
  return `${words(['cdbpack', site, ...out, ...packing])} && ${words(['cdbserve', archive])}`;
}

/** As a shell takes them. */
function words(list: readonly string[]): string {
  return list
    .map((word) => {
      return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
    })
    .join(' ');
}

function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}
