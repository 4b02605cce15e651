// snapshot.ts: what a look at the sites found, to be held against the look before.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Change, Changes } from '../../src/preview/messages.ts';
import type { FileList } from '../file_list.ts';
import { RULE_FILES } from '../ignored.ts';
import type { FoundFile } from '../scan.ts';
import { nameIn } from '../site.ts';
import type { Site } from '../site.ts';
import { compareBytes, printable } from '../text.ts';

/** Enough to see what it is about. */
const NAMED_MAX = 3;

/** Two of one path differ when somebody has written to it or put another file in its place. */
export function stampOf({ bytes, modifiedMs, changedMs, inode }: FoundFile): string {
  return `${bytes} ${modifiedMs} ${changedMs} ${inode}`;
}

export class Snapshot {
  readonly #sites: readonly Site[];
  readonly #files: FileList;
  readonly #stamps: readonly string[];
  /** By name: what stands in place of a look into the file. */
  readonly #rules: ReadonlyMap<string, string>;

  /** `stamps` are those of the files, in their order, which is that of the sites. */
  constructor(sites: readonly Site[], files: FileList, stamps: readonly string[]) {
    this.#sites = sites;
    this.#files = files;
    this.#stamps = stamps;
    this.#rules = new Map(sites.flatMap(ruleStamps));
  }

  /** Both are of the same sites. */
  changesSince(before: Snapshot): Changes {
    const first: Change[] = [];
    let count = 0;
    for (const change of this.#compare(before)) {
      if (count++ < NAMED_MAX) first.push({ ...change, name: printable(change.name) });
    }
    return { count, first };
  }

  *#compare(before: Snapshot): Generator<Change> {
    yield* compareRules(before.#rules, this.#rules);
    let [old, now] = [0, 0];
    while (old < before.#files.length || now < this.#files.length) {
      const order = this.#order(now, before, old);
      if (order > 0) yield { name: before.#name(old++), how: 'gone' };
      else if (order < 0) yield { name: this.#name(now++), how: 'new' };
      else {
        const isSame = before.#stamps[old++] === this.#stamps[now++];
        if (!isSame) yield { name: this.#name(now - 1), how: 'changed' };
      }
    }
  }

  /** Below 0: the file of this one comes first; 0: they are the same. */
  #order(now: number, before: Snapshot, old: number): number {
    if (now === this.#files.length) return 1;
    if (old === before.#files.length) return -1;
    const sites = this.#siteOf(now) - before.#siteOf(old);
    return sites !== 0 ? sites : compareBytes(this.#files.path(now), before.#files.path(old));
  }

  #siteOf(index: number): number {
    const { host } = this.#files.site(index);
    return this.#sites.findIndex((site) => site.host === host);
  }

  #name(index: number): string {
    return nameIn(this.#files.site(index), this.#files.path(index));
  }
}

/** They are read when packing and are in no list of files. */
function ruleStamps(site: Site): (readonly [name: string, stamp: string])[] {
  return [...RULE_FILES].flatMap((file) => {
    const stats = statSync(join(site.root, file), { throwIfNoEntry: false });
    if (!stats) return [];
    const stamp = `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.mode}`;
    return [[nameIn(site, file), stamp] as const];
  });
}

function* compareRules(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): Generator<Change> {
  for (const [name, stamp] of now) {
    if (!before.has(name)) yield { name, how: 'new' };
    else if (before.get(name) !== stamp) yield { name, how: 'changed' };
  }
  for (const name of before.keys()) if (!now.has(name)) yield { name, how: 'gone' };
}
