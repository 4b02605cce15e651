// package.ts: the package as npm installs it, without a network and without tools to build with.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../src/paths.ts';
import { runCommand, temporaryFolder } from './site.ts';
import type { Ended } from './site.ts';
import { inOwnNetwork, isRoot } from './starts.ts';

export const COMMANDS = ['cdbpack', 'cdbserve', 'cdbinspect'] as const;

/** All that PATH has: no compiler, no make, no python3. */
const TOOLS = { node: process.execPath, sh: '/bin/sh' };

/** Of the npm that belongs to the running Node; its folder is what lib/node_modules has. */
export const npmFolder = join(dirname(dirname(process.execPath)), 'lib', 'node_modules', 'npm');
export const npmProgram = join(npmFolder, 'bin', 'npm-cli.js');

export interface PackedFile {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
}

export interface Tarball {
  readonly path: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly PackedFile[];
}

/** `npm pack` of what is built. */
export async function packTarball(): Promise<Tarball> {
  const folder = temporaryFolder();
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const ended = await runCommand(process.execPath, [npmProgram, ...args], { cwd: packageRoot });
  if (ended.code !== 0) throw new Error(ended.stderr);
  const [packed] = JSON.parse(ended.stdout) as [Tarball & { readonly filename: string }];
  return { ...packed, path: join(folder, packed.filename) };
}

/** Spoils an addon: its copy was not finished. */
export function cutShort(path: string): void {
  writeFileSync(path, readFileSync(path).subarray(0, 5_000));
}

/** Spoils an addon: to the dynamic linker it is one that was made where glibc is newer. */
export function makeLater(path: string): void {
  const text = readFileSync(path, 'latin1');
  writeFileSync(path, text.replaceAll('GLIBC_2.34', 'GLIBC_2.99'), 'latin1');
}

/** As `bare`, with npm and its arguments. */
export function bareNpm(args: readonly string[], cwd: string): Promise<Ended> {
  const cache = join(temporaryFolder(), 'cache');
  return bare([npmProgram, ...args, '--offline', '--cache', cache], cwd);
}

/** Node with these arguments where there is nothing else, and as root no network either. */
export function bare(args: readonly string[], cwd: string): Promise<Ended> {
  const tools = join(temporaryFolder(), 'bin');
  mkdirSync(tools);
  for (const [name, path] of Object.entries(TOOLS)) symlinkSync(path, join(tools, name));
  const home = temporaryFolder();
  const alone = ['env', '-i', `PATH=${tools}`, `HOME=${home}`, 'node', ...args];
  const [command, ...rest] = isRoot ? [...inOwnNetwork, ...alone] : alone;
  return runCommand(command!, rest, { cwd });
}
