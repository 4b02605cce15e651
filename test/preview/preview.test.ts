// preview.test.ts: a folder that is edited while it is previewed, with the real programs.
import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { version } from '../../src/paths.ts';
import { descendantsOf, isAlive } from '../support/proc.ts';
import { fetchPath, startPreview, until, untilAnswer, untilBody } from '../support/preview.ts';
import type { Preview } from '../support/preview.ts';
import { value } from '../support/reply.ts';
import { program } from '../support/server.ts';
import { runCommand, temporaryFolder, writeSite } from '../support/site.ts';
import { asOrdinary, isRoot, withUserLimit } from '../support/starts.ts';
import type { Files } from '../support/site.ts';

const LIMIT_MS = 120_000;

function makeFolder(files: Files): string {
  const base = temporaryFolder();
  chmodSync(base, 0o755);
  const site = join(base, 'site');
  mkdirSync(site);
  writeSite(site, files);
  return site;
}

const statusOf = async (preview: Preview, path: string): Promise<number> =>
  (await fetchPath(preview, path)).status;

const untilStatus = (preview: Preview, path: string, status: number): Promise<void> =>
  untilAnswer(preview, path, (reply) => reply.status === status);

const timesIn = (text: string, part: string): number => text.split(part).length - 1;

const changeLines = (preview: Preview): string[] =>
  preview.stdout().match(/.*: served after \d+ ms/g) ?? [];

test(
  'what is edited, added and taken away shows',
  async () => {
    const site = makeFolder({ 'index.html': 'one', 'old.html': 'old' });
    const preview = await startPreview(site);
    const start = `cdbserve ${version}: preview of ${site}: 2 files, `;
    expect(preview.stdout()).toContain(start);
    expect(preview.stdout()).toContain(`publish it by cdbpack ${site} && cdbserve site.cdb\n`);
    expect((await fetchPath(preview, '/')).body.toString()).toBe('one');
    writeFileSync(join(site, 'index.html'), 'two');
    await untilBody(preview, '/', 'two');
    await until('its line', () => changeLines(preview).length === 1);
    expect(changeLines(preview)[0]).toMatch(/: index\.html changed: served after \d+ ms$/);
    mkdirSync(join(site, 'deep/er'), { recursive: true });
    writeFileSync(join(site, 'deep/er/index.html'), 'deep');
    await untilBody(preview, '/deep/er/', 'deep');
    writeFileSync(join(site, 'deep/er/index.html'), 'deeper');
    await untilBody(preview, '/deep/er/', 'deeper');
    unlinkSync(join(site, 'old.html'));
    await untilStatus(preview, '/old.html', 404);
    await until('its line', () => preview.stdout().includes('old.html is gone: served after'));
    renameSync(join(site, 'deep'), join(site, 'moved'));
    await untilBody(preview, '/moved/er/', 'deeper');
    expect(await statusOf(preview, '/deep/er/')).toBe(404);
    expect(preview.stderr()).toBe('');
  },
  LIMIT_MS,
);

test(
  'an editor that saves by rename, in one of several folders with links',
  async () => {
    const site = makeFolder({ 'a/page.html': 'one', 'b/x.txt': 'x' });
    symlinkSync('a', join(site, 'link'));
    const preview = await startPreview(site);
    const note = `there is no index.html at the top of ${site}: http://127`;
    await until('the note', () => preview.stderr() !== '');
    expect(preview.stderr()).toContain(note);
    for (const text of ['two', 'three!']) {
      writeFileSync(join(site, 'a/.page.html.swp'), text);
      renameSync(join(site, 'a/.page.html.swp'), join(site, 'a/page.html'));
      await untilBody(preview, '/a/page', text);
      await untilBody(preview, '/link/page', text);
    }
    rmSync(join(site, 'link'));
    symlinkSync('b', join(site, 'link'));
    await untilBody(preview, '/link/x.txt', 'x');
  },
  LIMIT_MS,
);

test(
  'nothing is stored by a browser, whatever the rules of the site say',
  async () => {
    const site = makeFolder({
      'index.html': 'x',
      'app.3f2a9c1b.js': 'let a;',
      '404.html': 'none',
      'app/200.html': 'app',
      _headers: '/*\n  Cache-Control: public, max-age=600\n  X-Of-Site: yes\n',
      _redirects: '/old /\n/wild/* /:splat\n',
    });
    const preview = await startPreview(site);
    const paths = ['/', '/app.3f2a9c1b.js', '/index.html', '/none', '/app/x', '/old', '/wild/a'];
    for (const path of paths) {
      const reply = await fetchPath(preview, path);
      expect([path, value(reply, 'cache-control')]).toEqual([path, 'no-store']);
      expect([path, value(reply, 'x-of-site')]).toEqual([path, 'yes']);
    }
    expect(value(await fetchPath(preview, '/'), 'x-content-type-options')).toBe('nosniff');
  },
  LIMIT_MS,
);

test(
  'rules that come, go wrong and are mended',
  async () => {
    const site = makeFolder({ 'index.html': 'x' });
    const preview = await startPreview(site);
    writeFileSync(join(site, '_redirects'), '/old /new.html 301\n');
    await untilStatus(preview, '/old', 301);
    writeFileSync(join(site, '_redirects'), '/old /new.html 999\n');
    await until('the error', () => preview.stderr().includes(`${site}/_redirects:1: `));
    expect(await statusOf(preview, '/old')).toBe(301);
    writeFileSync(join(site, 'index.html'), 'y');
    writeFileSync(join(site, '_redirects'), '/old /new.html 302\n');
    await untilStatus(preview, '/old', 302);
    await untilBody(preview, '/', 'y');
    expect(timesIn(preview.stderr(), '_redirects:1: ')).toBe(1);
    expect(timesIn(preview.stderr(), 'What was packed last is served')).toBe(1);
    writeFileSync(join(site, '_headers'), '/nothing\n');
    await until('a warning', () => preview.stderr().includes('warning: _headers:1: no header'));
    writeFileSync(join(site, 'index.html'), 'z');
    await untilBody(preview, '/', 'z');
    expect(timesIn(preview.stderr(), 'warning: _headers:1: ')).toBe(1);
  },
  LIMIT_MS,
);

test(
  'a folder that goes, is emptied, and comes back',
  async () => {
    const site = makeFolder({ 'index.html': 'one' });
    const preview = await startPreview(site);
    renameSync(site, `${site}.away`);
    await until('a word of it', () => preview.stderr().includes(`the folder ${site} is gone.`));
    expect((await fetchPath(preview, '/')).body.toString()).toBe('one');
    renameSync(`${site}.away`, site);
    await until('a word of it', () => preview.stdout().includes(': the site is as it was\n'));
    rmSync(site, { recursive: true });
    mkdirSync(site);
    await until('a word of it', () => preview.stderr().includes(`${site} holds no file to serve`));
    expect((await fetchPath(preview, '/')).body.toString()).toBe('one');
    writeFileSync(join(site, 'index.html'), 'new');
    await untilBody(preview, '/', 'new');
    writeFileSync(join(site, 'index.html'), 'newer');
    await untilBody(preview, '/', 'newer');
  },
  LIMIT_MS,
);

test(
  'a file that may not be read',
  async () => {
    const site = makeFolder({ 'index.html': 'one', 'b.html': 'b' });
    chmodSync(join(site, 'index.html'), 0o666);
    const preview = await startPreview(site, [], { wrapper: asOrdinary, temporary: openToAll() });
    chmodSync(join(site, 'b.html'), 0);
    await until('a word of it', () => preview.stderr().includes('b.html: EACCES. Give yourself'));
    expect((await fetchPath(preview, '/b')).body.toString()).toBe('b');
    chmodSync(join(site, 'b.html'), 0o644);
    writeFileSync(join(site, 'index.html'), 'two');
    await untilBody(preview, '/', 'two');
    expect((await preview.stop()).code).toBe(EXIT.ok);
    expect(preview.leftovers()).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'where not every folder can be watched it looks again and again, and says so',
  async () => {
    const site = makeFolder({
      'index.html': 'x',
      'a/a.html': 'a',
      'b/b.html': 'b',
      'c/c.html': 'c',
    });
    const wrapper = withUserLimit('max_inotify_watches', 2);
    const preview = await startPreview(site, [], { wrapper, temporary: openToAll() });
    await until('a word of it', () => preview.stderr().includes('fs.inotify.max_user_watches='));
    for (const path of ['a/a.html', 'c/c.html']) {
      chmodSync(join(site, path), 0o644);
      writeFileSync(join(site, path), 'new');
      await untilBody(preview, `/${path}`, 'new');
    }
    expect(timesIn(preview.stderr(), 'not watched (inotify: ENOSPC)')).toBe(1);
  },
  LIMIT_MS,
);

function openToAll(): string {
  const folder = temporaryFolder();
  chmodSync(folder, 0o1777);
  return folder;
}

test(
  'ten quick edits are few archives',
  async () => {
    const site = makeFolder({ 'index.html': '0' });
    const preview = await startPreview(site);
    for (let edit = 1; edit <= 10; edit++) writeFileSync(join(site, 'index.html'), `${edit}`);
    await untilBody(preview, '/', '10');
    await until('its line', () => changeLines(preview).length > 0);
    expect(changeLines(preview).length).toBeLessThanOrEqual(3);
  },
  LIMIT_MS,
);

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends it, and all of it',
  async (signal) => {
    const preview = await startPreview(makeFolder({ 'index.html': 'x' }));
    expect(preview.leftovers()).toHaveLength(1);
    const others = descendantsOf(preview.pid);
    expect(others.length).toBeGreaterThanOrEqual(4);
    expect(await preview.stop(signal)).toEqual({ code: EXIT.ok, signal: null });
    expect(others.filter(isAlive)).toEqual([]);
    expect(preview.leftovers()).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'kill -9 leaves nothing, and of several nothing past the next start',
  async () => {
    const site = makeFolder({ 'index.html': 'x' });
    const preview = await startPreview(site);
    const others = descendantsOf(preview.pid);
    preview.signal('SIGKILL');
    await until('the end of all', () => !others.some(isAlive) && preview.leftovers().length === 0);
    const { temporary } = preview;
    const second = await startPreview(site, [], { temporary });
    const live = await startPreview(site, [], { temporary });
    const all = [second.pid, ...descendantsOf(second.pid)];
    // Stopped first: none that is left is to see the end of another, and tidy up.
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      for (const pid of all) if (isAlive(pid)) process.kill(pid, signal);
    }
    await until('the end of all', () => !all.some(isAlive));
    expect(second.leftovers()).toHaveLength(2);
    const third = await startPreview(site, [], { temporary });
    expect(third.leftovers()).toHaveLength(2);
    expect((await fetchPath(live, '/')).body.toString()).toBe('x');
  },
  LIMIT_MS,
);

test(
  'a packer or a server that is killed ends it, with a word',
  async () => {
    for (const [part, word] of [
      ['preview.js', 'the packer of the preview has ended (SIGKILL)'],
      ['--listen=fd:3', 'the server of the preview has ended (SIGKILL)'],
    ] as const) {
      const preview = await startPreview(makeFolder({ 'index.html': 'x' }));
      const others = descendantsOf(preview.pid);
      const found = await runCommand('pgrep', ['-P', `${preview.pid}`, '-f', '--', part]);
      process.kill(Number(found.stdout), 'SIGKILL');
      expect((await preview.exited).code).toBe(EXIT.failure);
      expect(preview.stderr()).toContain(`cdbserve: ${word}`);
      await until('the end of all', () => !others.some(isAlive));
    }
  },
  LIMIT_MS,
);

test(
  'a taken port: the error names one that is free',
  async () => {
    const site = makeFolder({ 'index.html': 'x' });
    const { port } = await startPreview(site);
    const argv = [program, site, '--listen', `127.0.0.1:${port}`];
    const ended = await runCommand(process.execPath, argv);
    expect(ended.code).toBe(EXIT.cannotBind);
    expect(ended.stderr).toMatch(/^cdbserve: cannot bind 127\.0\.0\.1:\d+: EADDRINUSE\. Another/);
    const free = /Port (\d+) is free: --listen 127\.0\.0\.1:\1\.\n$/.exec(ended.stderr)![1]!;
    const beside = await startPreview(site, ['--listen', `127.0.0.1:${free}`]);
    expect(await statusOf(beside, '/')).toBe(200);
  },
  LIMIT_MS,
);

test(
  'the folder it is started in, and one that is called like an archive',
  async () => {
    const site = makeFolder({ 'index.html': 'x', 'sub.cdb/index.html': 'sub' });
    const here = await startPreview('.', [], { cwd: site });
    expect(here.stdout()).toContain('publish it by cdbpack . && cdbserve site.cdb\n');
    expect((await fetchPath(here, '/sub.cdb/')).body.toString()).toBe('sub');
    const named = await startPreview('sub.cdb', ['--html-urls', 'exact'], { cwd: site });
    expect((await fetchPath(named, '/')).body.toString()).toBe('sub');
    expect(named.stdout()).toContain('cdbpack sub.cdb --html-urls=exact && cdbserve sub.cdb.cdb\n');
  },
  LIMIT_MS,
);

test(
  'what cannot be previewed from the start ends with its reason',
  async () => {
    const site = makeFolder({ 'index.html': 'x', _redirects: '/a /b 999\n' });
    const empty = makeFolder({ '.hidden': 'x' });
    const run = (...argv: readonly string[]) =>
      runCommand(process.execPath, [program, ...argv, '--listen', '127.0.0.1:0']);
    const cases: readonly (readonly [argv: readonly string[], code: number, text: string])[] = [
      [[site], EXIT.failure, `${site}/_redirects:1: `],
      [[empty], EXIT.failure, `${empty} holds no file to serve beside names that begin with a dot`],
      [[site, '--hsts', 'x'], EXIT.usage, "--hsts is 'x'"],
      [[site, '--host', 'a=nowhere'], EXIT.failure, 'there is no folder nowhere'],
    ];
    for (const [argv, code, text] of cases) {
      const ended = await run(...argv);
      expect([argv, ended.code, ended.stdout]).toEqual([argv, code, '']);
      expect(ended.stderr).toContain(text);
    }
  },
  LIMIT_MS,
);

test(
  'what others may not read is packed, and served by somebody else if root starts',
  async () => {
    const site = makeFolder({ 'index.html': 'x' });
    chmodSync(site, 0o700);
    const preview = await startPreview(site, isRoot ? ['--user', 'daemon'] : []);
    expect((await fetchPath(preview, '/')).body.toString()).toBe('x');
    writeFileSync(join(site, 'index.html'), 'y', { mode: 0o600 });
    await untilBody(preview, '/', 'y');
  },
  LIMIT_MS,
);
