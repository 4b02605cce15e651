// needs.mjs: what building native/ takes, as Debian packages, and how to see whether it is there.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Name, reason, and one thing of it: a program in PATH, or a header.
 * @type {readonly (readonly [string, string, string])[]}
 */
export const BUILD_PACKAGES = [
  ['build-essential', 'compiler and make for native/', 'g++'],
  ['python3', 'node-gyp is written in it', 'python3'],
  ['libcdb-dev', 'tinycdb, which writes and reads archives', 'cdb.h'],
  ['libseccomp-dev', 'turns the table of allowed system calls into a filter', 'seccomp.h'],
  ['libdeflate-dev', 'gzip that is smaller than that of zlib', 'libdeflate.h'],
  ['libzstd-dev', 'zstd, which Node 20 has not', 'zstd.h'],
];

const HEADER_FOLDERS = ['/usr/include', '/usr/local/include'];

/** The rows of the packages of which nothing is to be seen. */
export function missingForBuild(path = process.env.PATH ?? '', headers = HEADER_FOLDERS) {
  return BUILD_PACKAGES.filter(([, , part]) =>
    part.endsWith('.h')
      ? !headers.some((folder) => existsSync(join(folder, part)))
      : !path.split(delimiter).some((folder) => isExecutable(join(folder, part))),
  );
}

/**
 * What is wrong with the platform or with Node, in a line; undefined: nothing.
 * @param {{ platform: string, arch: string, versions: { node: string } }} [machine]
 */
export function platformFault({ platform, arch, versions } = process) {
  if (platform !== 'linux' || arch !== 'x64') {
    return `cdbserve runs on Linux on x86-64; this is ${platform} on ${arch}`;
  }
  const [major, minor] = versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return undefined;
  return `Node 20.19 or later is needed; this is ${versions.node}`;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
