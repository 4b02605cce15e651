// deb.mjs: makes cdbserve_VERSION_amd64.deb with dpkg-deb; the same tree gives the same bytes.
//
// What it holds is what `npm pack` holds, less what building from source takes: who installs it has
// the libraries of Debian 12 or later. Times are SOURCE_DATE_EPOCH, or that of the last commit.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Trouble, root, runScript, say } from './terminal.mjs';

const HOME = 'usr/lib/cdbserve';
const DOC = 'usr/share/doc/cdbserve';
const DEFAULT_MAINTAINER = 'The cdbserve maintainers <cdbserve@localhost>';

/**
 * From a path of the npm package to one of the Debian package; the first that fits holds, and what
 * none fits stays out.
 * @type {readonly (readonly [RegExp, (match: string[]) => string])[]}
 */
const PLACES = [
  [/^dist\/man\/([^/]+\.(\d))$/, ([, page, section]) => `usr/share/man/man${section}/${page}.gz`],
  [/^dist\/completions\/(\w+)$/, ([, name]) => `usr/share/bash-completion/completions/${name}`],
  [/^(package\.json|dist\/.*|native\/build\/.*)$/, ([path]) => `${HOME}/${path}`],
  [/^node_modules\/(?!node-addon-api\/).*\.(js|json)$/, ([path]) => `${HOME}/${path}`],
  [/^docs\/(.*)$/, ([, page]) => `${DOC}/${page}`],
  [/^(README|SECURITY)\.md$/, ([page]) => `${DOC}/${page}`],
  [/^CHANGELOG\.md$/, () => `${DOC}/changelog.gz`],
  [/^NOTICE$/, () => `${DOC}/copyright`],
];

const UNITS = ['cdbserve.service', 'cdbserve.socket'];
const CONTROL_SCRIPTS = ['postinst', 'prerm', 'postrm'];

await runScript(import.meta.url, ([folder = root]) => {
  const { version, bin, files } = readPackage();
  const epoch = sourceDate();
  const stage = fs.mkdtempSync(join(tmpdir(), 'cdbserve-deb-'));
  try {
    placeFiles(stage, files);
    placeCommands(stage, bin);
    for (const unit of UNITS) {
      place(stage, `lib/systemd/system/${unit}`, read(`deploy/systemd/${unit}`));
    }
    place(stage, `${DOC}/changelog.Debian.gz`, compress(debianChangelog(version, epoch)));
    place(stage, 'usr/share/lintian/overrides/cdbserve', read('deploy/debian/lintian-overrides'));
    fs.mkdirSync(join(stage, 'var/lib/cdbserve'), { recursive: true });
    placeControl(stage, version);
    normalise(stage, epoch);
    const target = join(folder, `cdbserve_${version}_amd64.deb`);
    buildPackage(stage, target, epoch);
    say(`deb: ${target}, ${fs.statSync(target).size} bytes`);
  } finally {
    fs.rmSync(stage, { recursive: true, force: true });
  }
});

/** What npm would pack, by its own words. */
function readPackage() {
  const npm = process.env.npm_execpath;
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const packed = spawnSync(command, [...first, ...args], { cwd: root, encoding: 'utf8' });
  if (packed.status !== 0) throw new Trouble(`deb: npm pack --dry-run failed:\n${packed.stderr}`);
  const manifest = JSON.parse(read('package.json').toString());
  const files = JSON.parse(packed.stdout)[0].files.map(({ path }) => path);
  return { version: manifest.version, bin: manifest.bin, files };
}

/** Seconds since 1970: https://reproducible-builds.org/specs/source-date-epoch/. */
function sourceDate() {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given !== undefined) return Number(given);
  const git = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  if (git.status === 0) return Number(git.stdout);
  throw new Trouble('deb: this is no git checkout: set SOURCE_DATE_EPOCH to the time of the files');
}

function placeFiles(stage, files) {
  for (const path of files) {
    const target = placeOf(path);
    if (target === undefined) continue;
    place(stage, target, target.endsWith('.gz') ? compress(read(path)) : read(path));
    // Of what is executable here, libraries need not be.
    const runs = fs.statSync(join(root, path)).mode & 0o100 && !path.endsWith('.node');
    if (runs) fs.chmodSync(join(stage, target), 0o755);
  }
}

function placeOf(path) {
  for (const [pattern, target] of PLACES) {
    const match = pattern.exec(path);
    if (match) return target(match);
  }
  return undefined;
}

function placeCommands(stage, bin) {
  fs.mkdirSync(join(stage, 'usr/bin'), { recursive: true });
  for (const [name, path] of Object.entries(bin)) {
    fs.symlinkSync(`../lib/cdbserve/${path}`, join(stage, 'usr/bin', name));
  }
}

function debianChangelog(version, epoch) {
  const date = new Date(epoch * 1_000).toUTCString().replace('GMT', '+0000');
  return (
    `cdbserve (${version}) unstable; urgency=medium\n\n  * See changelog.gz.\n\n` +
    ` -- ${maintainer()}  ${date}\n`
  );
}

/** Named as by debchange(1). */
function maintainer() {
  const { DEBFULLNAME, DEBEMAIL } = process.env;
  return DEBFULLNAME && DEBEMAIL ? `${DEBFULLNAME} <${DEBEMAIL}>` : DEFAULT_MAINTAINER;
}

function placeControl(stage, version) {
  const paths = filesIn(stage);
  const bytes = paths.reduce((sum, path) => sum + fs.lstatSync(join(stage, path)).size, 0);
  const facts = {
    VERSION: version,
    MAINTAINER: maintainer(),
    KIBIBYTES: `${Math.ceil(bytes / 1_024)}`,
  };
  const control = read('deploy/debian/control')
    .toString()
    .replaceAll(/@(\w+)@/g, (_, name) => facts[name]);
  const sums = paths
    .filter((path) => !fs.lstatSync(join(stage, path)).isSymbolicLink())
    .map((path) => `${md5(fs.readFileSync(join(stage, path)))}  ${path}\n`);
  place(stage, 'DEBIAN/control', control);
  place(stage, 'DEBIAN/md5sums', sums.join(''));
  for (const script of CONTROL_SCRIPTS) {
    place(stage, `DEBIAN/${script}`, read(`deploy/debian/${script}`));
    fs.chmodSync(join(stage, 'DEBIAN', script), 0o755);
  }
}

/** One time and known modes for all, whatever the checkout and its umask gave them. */
function normalise(stage, epoch) {
  for (const path of ['.', ...fs.readdirSync(stage, { recursive: true })]) {
    const full = join(stage, path);
    const facts = fs.lstatSync(full);
    if (facts.isDirectory()) fs.chmodSync(full, 0o755);
    if (facts.isFile()) fs.chmodSync(full, facts.mode & 0o100 ? 0o755 : 0o644);
    fs.lutimesSync(full, epoch, epoch);
  }
}

/** One thread, since the cuts between threads show in the bytes. */
function buildPackage(stage, target, epoch) {
  const args = ['--root-owner-group', '--threads-max=1', '-Zxz', '--build', stage, target];
  const built = spawnSync('dpkg-deb', args, {
    encoding: 'utf8',
    env: { ...process.env, SOURCE_DATE_EPOCH: `${epoch}` },
  });
  if (built.error) throw new Trouble('deb: there is no dpkg-deb: make the package on Debian');
  if (built.status !== 0) throw new Trouble(`deb: dpkg-deb failed:\n${built.stderr}`);
}

function filesIn(stage) {
  return fs
    .readdirSync(stage, { recursive: true })
    .filter((path) => !fs.lstatSync(join(stage, path)).isDirectory())
    .sort();
}

function place(stage, path, content) {
  fs.mkdirSync(join(stage, dirname(path)), { recursive: true });
  fs.writeFileSync(join(stage, path), content);
}

function read(path) {
  return fs.readFileSync(join(root, path));
}

function compress(content) {
  return gzipSync(content, { level: 9 });
}

function md5(content) {
  return createHash('md5').update(content).digest('hex');
}
