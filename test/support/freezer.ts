// freezer.ts: a control group of the test's own, in which processes can be frozen. cgroups(7).
import { existsSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd } from './cleanup.ts';

export interface Freezer {
  /** Moves a process in. It stays there for its life. */
  take(pid: number): void;
  /** Resolves when every process in it stands still. */
  freeze(): Promise<void>;
  thaw(): void;
}

/** Open it before the server starts: it can go only after the last process in it. */
export function openFreezer(): Freezer | undefined {
  const folder = makeGroup();
  if (folder === undefined) return undefined;
  onEnd(() => rmdirSync(folder));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  return {
    take: (pid) => write('cgroup.procs', String(pid)),
    freeze: async () => {
      write('cgroup.freeze', '1');
      while (!readFileSync(join(folder, 'cgroup.events'), 'latin1').includes('frozen 1')) {
        await sleep(5);
      }
    },
    thaw: () => write('cgroup.freeze', '0'),
  };
}

/** Undefined where there is no second version of cgroups, or it is not ours to write. */
function makeGroup(): string | undefined {
  const mounts = readFileSync('/proc/mounts', 'latin1').split('\n');
  const root = mounts.map((line) => line.split(' ')).find(([, , type]) => type === 'cgroup2')?.[1];
  if (root === undefined) return undefined;
  try {
    const folder = mkdtempSync(join(root, 'cdbserve-test-'));
    if (existsSync(join(folder, 'cgroup.freeze'))) return folder;
    rmdirSync(folder);
  } catch {
    // Mounted for reading alone, as in a container.
  }
  return undefined;
}
