// install.mjs: run by npm where the package is installed: what is prebuilt is tried, and built from
// the sources in native/ where it does not load.
//
// In a checkout it does nothing: there scripts/prepare.mjs does all that. No package is imported.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findHeaders } from './headers.mjs';
import { BUILD_PACKAGES, missingForBuild, platformFault } from './needs.mjs';
import { Trouble, root, run, runScript, say } from './terminal.mjs';

const BINARIES = join(root, 'native', 'build', 'Release');
const LOAD = `
try {
  process.dlopen({ exports: {} }, process.argv[1]);
} catch (error) {
  process.stderr.write(error.message.split('\\n')[0]);
  process.exitCode = 1;
}`;

await runScript(import.meta.url, () => {
  if (existsSync(join(root, 'src'))) return;
  const fault = platformFault();
  if (fault) throw new Trouble(`cdbserve: ${fault}`);
  const why = whyNotLoaded();
  if (why === undefined) return;
  say(`cdbserve: what is prebuilt does not run here (${why}): building from source`);
  build();
  const still = whyNotLoaded();
  if (still) throw new Trouble(`cdbserve: what was built here does not run either: ${still}`);
});

/** The first thing that does not run, in one line. */
function whyNotLoaded() {
  const [fault] = ['cdb.node', 'wall.node'].map(addonFault).filter(Boolean);
  if (fault) return fault;
  // It refuses every start but that by cdbserve: in words of its own, so it runs.
  const { error, stderr } = spawnSync(join(BINARIES, 'spawner'), [], { encoding: 'utf8' });
  if (error) return error.message;
  return stderr.startsWith('spawner: ') ? undefined : `spawner: ${stderr.trim()}`;
}

/** In another process: one that is cut short is the death by SIGBUS of whoever loads it. */
function addonFault(name) {
  const args = ['--eval', LOAD, join(BINARIES, name)];
  const { status, signal, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status === 0) return undefined;
  return `${name}: ${signal ?? stderr.trim()}`;
}

function build() {
  const missing = missingForBuild();
  if (missing.length > 0) {
    const what = missing.map(([name, reason]) => `${name} (${reason})`).join(', ');
    throw new Trouble(`cdbserve: missing to build it: ${what}. As root: ${aptLine(missing)}`);
  }
  const headers = findHeaders();
  const where = headers ? ['--nodedir', headers] : [];
  const gyp = findNodeGyp();
  const [command, first] = gyp ? [process.execPath, [gyp]] : ['node-gyp', []];
  const args = ['-C', join(root, 'native'), '--loglevel', 'warn', '--jobs', 'max', ...where];
  if (run(command, [...first, ...args, 'rebuild']) === 0) return;
  throw new Trouble(
    'cdbserve: node-gyp failed, see above. ' +
      (headers ? '' : 'It had to download the headers of this Node. ') +
      `What it needs on Debian: ${aptLine(BUILD_PACKAGES)}`,
  );
}

function aptLine(rows) {
  return `apt-get install ${rows.map(([name]) => name).join(' ')}`;
}

/** That of npm, which says where it is when it runs us; undefined: one in PATH has to do. */
function findNodeGyp() {
  const named = process.env.npm_config_node_gyp;
  const prefix = dirname(dirname(process.execPath));
  const beside = join(prefix, 'lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js');
  return [named, beside].find((path) => path && existsSync(path));
}
