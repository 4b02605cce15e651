// native.ts: programs that tests build for themselves: a bundle for Node, and the addon that makes
// any system call.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { findHeaders } from '../../scripts/headers.mjs';
import { packageRoot } from '../../src/paths.ts';

/** `entry` is a path in the project; gives that of the bundle. */
export async function buildBundle(entry: string, folder: string): Promise<string> {
  const outfile = join(folder, 'bundle.cjs');
  await build({
    absWorkingDir: packageRoot,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
  });
  return outfile;
}

export function buildSyscallAddon(folder: string): string {
  const addon = join(folder, 'syscall.node');
  const include = join(findHeaders() ?? '/usr', 'include', 'node');
  const source = join(packageRoot, 'native', 'test', 'syscall_binding.cc');
  execFileSync('g++', ['-shared', '-fPIC', '-O1', '-I', include, source, '-o', addon]);
  return addon;
}
