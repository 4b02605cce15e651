// units.ts: units of a real systemd, which runs in systemd-nspawn over the /usr of this machine.
// Its programs, its root and its network are its own.
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Machine, bootDebian } from './debian.ts';
import { WITHIN, makeRoot } from './install.ts';

const UNITS = 'etc/systemd/system';
const EMPTY = ['tmp', 'proc', 'sys', 'dev', 'root'];

export interface Booted {
  /** Its root file system, as it is seen from here. */
  readonly root: string;
  readonly machine: Machine;
}

/** `units`: names of services to the texts of their files. The program is where WITHIN says. */
export async function bootUnits(
  archive: string,
  units: ReadonlyMap<string, string>,
): Promise<Booted> {
  const from = makeRoot(archive);
  const root = join(from, '..', 'machine');
  writeMachine(from, root);
  for (const [name, text] of units) writeFileSync(join(root, UNITS, `${name}.service`), text);
  const binds = ['--bind-ro=/usr', `--bind-ro=${join(from, 'app')}:/app`];
  return { root, machine: await bootDebian(root, binds) };
}

/** Of makeRoot(), whose folders of programs and libraries give way to those of this machine. */
function writeMachine(from: string, root: string): void {
  for (const folder of [UNITS, 'usr/lib', 'app', 'srv', 'var/log', ...EMPTY]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name));
  for (const file of ['etc/passwd', 'etc/group', WITHIN.archive]) {
    copyFileSync(join(from, file), join(root, file));
  }
  copyFileSync('/usr/lib/os-release', join(root, 'usr/lib/os-release'));
  writeFileSync(join(root, 'etc/machine-id'), `${'0123456789abcdef'.repeat(2)}\n`);
  symlinkSync('/lib/systemd/system/multi-user.target', join(root, UNITS, 'default.target'));
}
