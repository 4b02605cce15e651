// service.test.ts: the server behind a preview: it comes, comes again, goes, and is missed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { expect, test, vi } from 'vitest';
import { packageRoot } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';
import { program } from '../support/server.ts';
import { packFolder, packSite, temporaryFolder, writeSite } from '../support/site.ts';
import { exchange, get } from '../support/wire.ts';

const built = (name: string): string =>
  JSON.stringify(pathToFileURL(join(packageRoot, 'dist', 'src', `${name}.js`)).href);

/** A program that shows an archive whenever it is told to, and says what becomes of it. */
const CONDUCTOR = `
import { createInterface } from 'node:readline';
import { bind } from ${built('preview/bind')};
import { Service } from ${built('preview/service')};
import { openLog } from ${built('log')};
import { loadWall } from ${built('native')};
import { addonPath } from ${built('paths')};
process.argv[1] = ${JSON.stringify(program)};
const { bound, sockets } = bind(loadWall(addonPath('wall')), { host: '127.0.0.1', port: 0 }, 1000);
const flags = ['--workers', '1'];
const log = openLog('test', { quiet: false, verbose: false });
const service = new Service({ flags, sockets, verbose: false }, log);
service.lost.catch((error) => console.log('lost', error.exitCode, error.message));
console.log(bound);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'end') await service.end();
  else await Promise.race([service.show(line), service.lost]).catch(() => undefined);
  console.log('done');
}
await service.end();
process.exit();
`;

test('it shows what is in the archive now, and is missed when it is gone', async () => {
  const file = join(temporaryFolder(), 'conductor.mjs');
  writeFileSync(file, CONDUCTOR);
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'pipe'] });
  onEnd(() => void child.kill('SIGKILL'));
  let words = '';
  child.stderr.on('data', (text: Buffer) => (words += text.toString()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const heard = async (): Promise<string> => (await lines.next()).value ?? '';
  const told = async (line: string): Promise<string> => {
    child.stdin.write(`${line}\n`);
    return heard();
  };
  const port = Number((await heard()).split(':')[1]);
  const shown = async () => (await exchange(port, get('/a', 'Connection: close'))).body.toString();
  const { folder, archive } = await packSite({ a: 'one' });
  expect(await told(archive)).toBe('done');
  expect(await shown()).toBe('one');
  writeSite(folder, { a: 'two' });
  await packFolder(folder, archive);
  expect(await told(archive)).toBe('done');
  // A worker that retires may yet take who comes before it has read its order.
  await vi.waitUntil(async () => (await shown()) === 'two', { timeout: 10_000 });
  expect(await told('end')).toBe('done');
  expect(await told('/nowhere/x.cdb')).toBe(
    'lost 1 the server of the preview has ended (exit status 1). The lines above may say why.',
  );
  expect(words).toContain('cannot open /nowhere/x.cdb: ENOENT.');
  child.stdin.end();
  await once(child, 'exit');
}, 60_000);
