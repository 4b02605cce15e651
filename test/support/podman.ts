// podman.ts: podman on a machine that is a guest itself; what it keeps is in a folder of the test.
import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { onEnd } from './cleanup.ts';
import { temporaryFolder } from './site.ts';

/**
 * runc, since crun refuses control groups of both versions at once; limits, since podman asks for
 * more than a machine without CAP_SYS_RESOURCE gives.
 */
const ENGINE = ['--storage-driver=vfs', '--runtime=runc', '--cgroup-manager=cgroupfs'];
const GROUPS = '/sys/fs/cgroup';

/** Flags of `podman run`. */
export const RUN: readonly string[] = [
  '--rm',
  '--network=host',
  '--ulimit=nofile=4096:4096',
  '--ulimit=nproc=4096:4096',
];

/** The beginning of every command of root's podman; what it leaves behind goes at the end. */
export function openEngine(): readonly string[] {
  onEnd(removeGroups);
  return engineIn(temporaryFolder());
}

/** As openEngine(), for whoever owns the folder. */
export function engineIn(folder: string): readonly string[] {
  return ['podman', ...ENGINE, '--root', join(folder, 'root'), '--runroot', join(folder, 'run')];
}

/** The empty ones that podman leaves behind. */
function removeGroups(): void {
  for (const controller of readdirSync(GROUPS)) {
    const parent = join(GROUPS, controller, 'libpod_parent');
    for (const group of [join(parent, 'conmon'), parent]) {
      if (existsSync(group)) rmdirSync(group);
    }
  }
}
