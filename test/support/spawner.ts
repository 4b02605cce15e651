// spawner.ts: a spawner whose workers run a script of the test, without protections: they may write
// files. test/wall/ is about those that have them.
import { writeFileSync } from 'node:fs';
import { GIVEN_BESIDE_LISTENERS } from '../../src/boot/orders.ts';
import { WORKER_DATA_BYTES_MAX } from '../../src/limits.ts';
import type { WallAddon } from '../../src/native.ts';
import { Spawner } from '../../src/ops/spawner.ts';
import { spawnerPath } from '../../src/paths.ts';
import { onEnd } from './cleanup.ts';

export interface Scripted {
  /** Where the script is written. */
  readonly bundle: string;
  readonly script: string;
  /** Of each worker. */
  readonly listeners: number;
  readonly program?: string;
  readonly flags?: readonly string[];
  readonly orders?: readonly string[];
}

export function openSpawner(wall: WallAddon, scripted: Scripted): Spawner {
  const { bundle, script, listeners, program = process.execPath, flags = [] } = scripted;
  writeFileSync(bundle, script);
  const spawner = new Spawner(wall, {
    path: spawnerPath,
    mode: 'off',
    uid: 65_534,
    gid: 65_534,
    descriptorsMax: 100,
    dataBytesMax: WORKER_DATA_BYTES_MAX,
    inherited: GIVEN_BESIDE_LISTENERS + listeners,
    files: [],
    command: [program, ...flags, bundle, ...(scripted.orders ?? [])],
  });
  onEnd(() => spawner.close());
  return spawner;
}
