// watches.ts: hears of changes in the folders of a site, by inotify(7).
//
// Each folder is watched before it is read, so that nothing is missed in between; what is heard is
// only that something has changed, and a look at the folders says what.
import { statSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { basename } from 'node:path';
import { identityOf } from '../scan.ts';

interface Watched {
  readonly watcher: FSWatcher;
  /** Another folder can have come to stand in its place. */
  readonly identity: string;
}

/** The limits of inotify(7): watches of a user, and instances of a user or open files. */
const FULL = ['ENOSPC', 'EMFILE', 'ENFILE'];

export class Watches {
  readonly #onChange: () => void;
  readonly #watched = new Map<string, Watched>();
  readonly #entered = new Set<string>();
  #full: string | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Why some folders are not watched, as the name of an errno; undefined: all are. */
  get full(): string | undefined {
    return this.#full;
  }

  /** How many folders are watched. */
  get size(): number {
    return this.#watched.size;
  }

  /** To be called before a folder is read. One that is not there is for its reader to tell. */
  enter(path: string): void {
    this.#entered.add(path);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return;
    const identity = identityOf(stats);
    if (this.#watched.get(path)?.identity === identity) return;
    this.#forget(path);
    if (this.#full === undefined) this.#watch(path, identity);
  }

  /** All folders have been entered: the others are no longer there. */
  sweep(): void {
    for (const path of this.#watched.keys()) if (!this.#entered.has(path)) this.#forget(path);
    this.#entered.clear();
  }

  close(): void {
    for (const path of this.#watched.keys()) this.#forget(path);
  }

  #watch(path: string, identity: string): void {
    const name = basename(path);
    try {
      const watcher = watch(path, (event, changed) => {
        // So libuv tells that the folder itself is moved or gone, whose number a new one may have.
        if (event === 'rename' && changed === name) this.#forget(path);
        this.#onChange();
      });
      watcher.on('error', () => this.#onChange());
      this.#watched.set(path, { watcher, identity });
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (FULL.includes(code)) this.#full = code;
    }
  }

  #forget(path: string): void {
    this.#watched.get(path)?.watcher.close();
    this.#watched.delete(path);
  }
}
