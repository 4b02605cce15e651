// install.ts: the built program with a Node of its own, put into a folder or into a whole root file
// system for a container or a machine.
import { chmodSync, copyFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadWall } from '../../src/native.ts';
import { addonPath, packageRoot } from '../../src/paths.ts';
import { temporaryFolder } from './site.ts';

export interface Installed {
  readonly node: string;
  readonly program: string;
}

/** Where things are inside a root file system of makeRoot(). */
export const WITHIN = {
  node: '/app/node',
  program: '/app/dist/src/cdbserve.js',
  archive: '/srv/site.cdb',
} as const;

const FOLDERS = ['bin', 'dev', 'etc', 'mod', 'new', 'proc', 'root', 'run', 'srv', 'sys', 'var/log'];
const PASSWD = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n';

/** Into a folder that does not exist yet. */
export function installAt(folder: string): Installed {
  for (const name of ['package.json', 'dist', join('native', 'build', 'Release')]) {
    const filter = (path: string): boolean => !path.includes('obj.target');
    cpSync(join(packageRoot, name), join(folder, name), { recursive: true, filter });
  }
  copyFileSync(process.execPath, join(folder, 'node'));
  return { node: join(folder, 'node'), program: join(folder, 'dist', 'src', 'cdbserve.js') };
}

/** A root file system with Node, its libraries, the program, an archive and busybox. */
export function makeRoot(archive: string): string {
  const root = join(temporaryFolder(), 'root');
  for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true });
  mkdirSync(join(root, 'tmp'));
  chmodSync(join(root, 'tmp'), 0o1777);
  installAt(join(root, 'app'));
  for (const library of loadWall(addonPath('wall')).loadedFiles()) {
    if (!/^\/(usr\/)?lib/.test(library)) continue;
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
  copyFileSync('/bin/busybox', join(root, 'bin', 'busybox'));
  symlinkSync('busybox', join(root, 'bin', 'sh'));
  writeFileSync(join(root, 'etc', 'passwd'), PASSWD);
  writeFileSync(join(root, 'etc', 'group'), 'root:x:0:\nnogroup:x:65534:\n');
  copyFileSync(archive, join(root, WITHIN.archive));
  return root;
}
