// build.mjs: sources to dist/ and native/build/, each step only when what it reads has changed.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { findHeaders } from './headers.mjs';
import { digestOf, filesBelow, isFresh, writeStamp } from './stamps.mjs';
import { Trouble, root, run, runScript, say } from './terminal.mjs';

const COMMANDS = ['src/cdbserve', 'archiver/cdbpack', 'archiver/cdbinspect'];
const SOURCE_FOLDERS = ['src', 'archiver', 'bench'];
/** By what is made. */
const BUNDLES = {
  'dist/worker.cjs': { main: 'src/worker.ts', format: 'cjs' },
  'dist/verifier.cjs': { main: 'src/verifier.ts', format: 'cjs' },
  'dist/packer.js': { main: 'archiver/cdbpack_main.ts', format: 'esm' },
  'dist/packing_thread.cjs': { main: 'archiver/thread.ts', format: 'cjs' },
};
/** Of packages that are CommonJS, in a bundle that is none. */
const REQUIRE =
  "import * as $m from 'node:module'; const require = $m.createRequire(import.meta.url);";
const TOOLS = ['package-lock.json', 'tsconfig.json', 'scripts/build.mjs'];
const SCRIPTS = ['manual', 'roff', 'completion', 'pages'].map((name) => `scripts/${name}.mjs`);
const MANUAL = ['cdbpack.1', 'cdbserve.8', 'cdbinspect.1'].map((name) => `dist/man/${name}`);
const MAKE = { recursive: true };
const BINARIES = ['cdb.node', 'wall.node', 'spawner'].map((name) => `native/build/Release/${name}`);

await runScript(import.meta.url, build);

export async function build() {
  const programs = SOURCE_FOLDERS.flatMap((folder) => filesBelow(folder, ['.ts']));
  const native = filesBelow('native', ['.cc', '.c', '.h', '.gyp']).filter(
    (file) => !/^native\/(build|test|fuzz)\//.test(file),
  );
  const node = `${process.version} ${process.arch}`;
  await step('native', [...native, ...TOOLS], [node], BINARIES, buildNative);
  await step('types', [...programs, ...TOOLS], [], commandFiles(), () => compile(programs));
  await step('bundles', [...programs, ...TOOLS], [], Object.keys(BUNDLES), bundlePrograms);
  const manual = [...filesBelow('man'), ...programs, ...SCRIPTS, ...TOOLS];
  await step('manual', manual, [version()], MANUAL, writeManual);
  const site = [...filesBelow('site'), ...filesBelow('docs', ['.md']), ...manual, ...native];
  await step('site', site, [node], ['dist/site.cdb'], packSite);
}

async function step(name, inputs, facts, outputs, make) {
  const stamp = name === 'native' ? 'native/build/stamp' : `dist/.stamps/${name}`;
  const digest = digestOf(inputs, facts);
  if (isFresh(stamp, digest, outputs)) return;
  await make();
  const absent = outputs.filter((output) => !existsSync(join(root, output)));
  if (absent.length > 0) throw new Trouble(`build: ${name} did not make ${absent.join(', ')}.`);
  writeStamp(stamp, digest);
}

function buildNative() {
  const headers = findHeaders();
  const where = headers
    ? `headers of ${headers}`
    : 'headers from nodejs.org: none of this Node here';
  say(`build: node-gyp, cdb.node, wall.node and spawner (${where})`);
  const gyp = join('node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const options = ['-C', 'native', '--jobs', 'max', '--loglevel', 'warn'];
  if (headers) options.push('--nodedir', headers);
  const code = run(process.execPath, [gyp, ...options, 'configure', 'build']);
  if (code === 0) return;
  const remedy = headers
    ? 'see the compiler above; after an update of Node or of the compiler, remove native/build'
    : 'set npm_config_nodedir to the prefix of this very Node, or get online to download headers';
  throw new Trouble(`build: node-gyp failed in native/.\n  remedy: ${remedy}`);
}

function compile(programs) {
  say('build: tsc, dist/');
  removeOrphans(programs);
  const code = run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
  if (code !== 0) throw new Trouble('build: tsc found errors in the sources.');
  const written = commandFiles().filter((file) => existsSync(join(root, file)));
  for (const file of written) chmodSync(join(root, file), 0o755);
}

/** Output of sources that are gone would still be found by an import. */
function removeOrphans(programs) {
  for (const folder of SOURCE_FOLDERS) {
    for (const file of filesBelow(join('dist', folder), ['.js'])) {
      const source = file.replace(/^dist\//, '').replace(/js$/, 'ts');
      if (!programs.includes(source)) rmSync(join(root, file));
    }
  }
  // tsc writes only what has changed since it last ran: without its notes it writes everything.
  if (!commandFiles().every((file) => existsSync(join(root, file)))) {
    rmSync(join(root, 'dist', '.tsbuildinfo'), { force: true });
  }
}

/** What starts often, or in a sandbox without files, is one file. */
async function bundlePrograms() {
  say(`build: esbuild, ${Object.keys(BUNDLES).join(', ')}`);
  const esbuild = await import('esbuild');
  const jobs = Object.entries(BUNDLES).map(([outfile, { main, format }]) =>
    esbuild.build({
      absWorkingDir: root,
      entryPoints: [main],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format,
      banner: format === 'esm' ? { js: REQUIRE } : {},
      legalComments: 'none',
      logLevel: 'warning',
    }),
  );
  try {
    await Promise.all(jobs);
  } catch {
    throw new Trouble('build: esbuild could not bundle the programs.');
  }
}

/** Man pages and completions for bash. */
async function writeManual() {
  say('build: dist/man and dist/completions');
  const { manualPages, readTables } = await import('./manual.mjs');
  const { roffOf } = await import('./roff.mjs');
  const { completions } = await import('./completion.mjs');
  const tables = await readTables();
  for (const folder of ['man', 'completions']) mkdirSync(join(root, 'dist', folder), MAKE);
  for (const page of manualPages(tables)) {
    const path = join(root, 'dist', 'man', `${page.name}.${page.section}`);
    writeFileSync(path, roffOf(page, version()));
  }
  for (const { name, text } of completions(tables)) {
    writeFileSync(join(root, 'dist', 'completions', name), text);
  }
}

async function packSite() {
  say('build: dist/site, and cdbpack, dist/site.cdb');
  const { manualPages, readTables } = await import('./manual.mjs');
  const { sitePages } = await import('./pages.mjs');
  const folder = join(root, 'dist', 'site');
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, 'site'), folder, { recursive: true, preserveTimestamps: true });
  mkdirSync(join(folder, 'docs'), MAKE);
  for (const { name, html, modifiedMs } of sitePages(manualPages(await readTables()), version())) {
    const path = join(folder, 'docs', name);
    writeFileSync(path, html);
    utimesSync(path, modifiedMs / 1000, modifiedMs / 1000);
  }
  const args = ['dist/archiver/cdbpack.js', 'dist/site', 'dist/site.cdb', '--no-cache'];
  const code = run(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (code !== 0)
    throw new Trouble(`build: cdbpack dist/site dist/site.cdb failed with exit code ${code}.`);
}

function version() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

function commandFiles() {
  return COMMANDS.map((name) => `dist/${name}.js`);
}
