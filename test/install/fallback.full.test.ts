// fallback.full.test.ts: a package whose prebuilt parts do not load here: npm builds it from source
// where there is a compiler, without a network, and says what is missing where there is not.
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { record } from '../support/ledger.ts';
import { bareNpm, makeLater, npmProgram, packTarball } from '../support/package.ts';
import { startServer } from '../support/server.ts';
import { packSite, runCommand, temporaryFolder } from '../support/site.ts';
import { inOwnNetwork, isRoot } from '../support/starts.ts';

let tarball: string;

beforeAll(async () => {
  const folder = temporaryFolder();
  const { path } = await packTarball();
  await run('tar', ['-xzf', path, '-C', folder]);
  makeLater(join(folder, 'package', 'native', 'build', 'Release', 'wall.node'));
  tarball = join(folder, 'cdbserve.tgz');
  await run('tar', ['-czf', tarball, '-C', folder, 'package']);
});

async function run(command: string, args: readonly string[]): Promise<string> {
  const ended = await runCommand(command, args, { timeout: 300_000 });
  if (ended.code !== 0) throw new Error(`${command}: ${ended.stdout}${ended.stderr}`);
  return ended.stdout + ended.stderr;
}

test('with a compiler it is built, and serves', { timeout: 300_000 }, async () => {
  const [prefix, home] = [temporaryFolder(), temporaryFolder()];
  const clean = ['env', '-i', `PATH=${process.env['PATH']}`, `HOME=${home}`, process.execPath];
  const flags = ['--offline', '--foreground-scripts', '--global', '--prefix', prefix];
  const all = [...(isRoot ? inOwnNetwork : []), ...clean, npmProgram, 'install', ...flags, tarball];
  const start = performance.now();
  const said = await run(all[0]!, all.slice(1));
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  expect(said).toMatch(/prebuilt does not run here \(.*GLIBC_2\.99.*\): building from source/);
  const program = join(prefix, 'bin', 'cdbserve');
  const { archive } = await packSite({ 'index.html': '<p>built' });
  const server = await startServer(archive, [], { program });
  const reply = await fetch(`http://127.0.0.1:${server.port}/`);
  expect(await reply.text()).toBe('<p>built');
  expect((await server.stop()).code).toBe(0);
  record('install: built from source where the C library is older', { seconds });
});

test('without one npm fails with what is missing', async () => {
  const prefix = temporaryFolder();
  const ended = await bareNpm(['install', '--global', '--prefix', prefix, tarball], '/');
  expect(ended.code).not.toBe(0);
  expect(ended.stderr).toContain('GLIBC_2.99');
  expect(ended.stderr).toContain('As root: apt-get install build-essential python3');
});
