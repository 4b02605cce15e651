// site.ts: the small sites that the documents of this folder speak of.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { noise, packer, runCommand, temporaryFolder, writeSite } from '../support/site.ts';
import type { Files } from '../support/site.ts';

export interface SpecSite {
  /** As `body=@FILE` names them. */
  readonly files: Files;
  /** Of cdbpack, in the folder of the files. */
  readonly args: readonly string[];
  /** A host that has the file of PROBE. */
  readonly host: string;
  /** From which networks a peer of 127.0.0.1 is trusted; none: it is not. */
  readonly trusted?: readonly string[];
}

const line = 'A page with enough of the same words to be worth a coding: words, words, words.\n';
const page = (title: string): string => `<!doctype html><title>${title}</title><p>${title}\n`;
const long = (title: string): string => `${page(title)}<pre>\n${line.repeat(20)}</pre>\n`;

export const FILES: Files = {
  'index.html': '<!doctype html><title>Home</title><p>Home\n',
  'page.html': `<!doctype html><title>Page</title><pre>\n${line.repeat(60)}</pre>\n`,
  'plain.txt': 'plain\n',
  'empty.txt': '',
  'noise.bin': noise(3000, 7),
  'sub/index.html': '<!doctype html><title>Sub</title><p>Sub\n',
  'sub/inner.html': '<!doctype html><title>Inner</title><p>Inner\n',
  'both.html': '<!doctype html><title>Both, the page</title>\n',
  'both/index.html': '<!doctype html><title>Both, the folder</title>\n',
  'bare/file.txt': 'a folder without index\n',
  '404.html': `<!doctype html><title>Nothing here</title><pre>\n${line.repeat(40)}</pre>\n`,
  'guide/404.html': `<!doctype html><title>No such chapter</title><pre>\n${line.repeat(20)}</pre>\n`,
  'guide/parts/one.txt': 'one\n',
  'app/200.html': `<!doctype html><title>Application</title><pre>\n${line.repeat(30)}</pre>\n`,
  'app/main.js': 'export const route = location.pathname;\n',
  'app/old/404.html': '<!doctype html><title>Gone</title>\n',
  'app/new/200.html': '<!doctype html><title>New application</title>\n',
  'app/new/404.html': '<!doctype html><title>No such part</title>\n',
  'a b%é.txt': 'a name that needs escapes\n',
  'odd"<>^|{}[]`.txt': 'a name of characters that clients send unescaped\n',
  '100%25.txt': 'a name that looks escaped\n',
  "+folder:of@d'é(1) %/index.html": '<!doctype html><title>Escaped</title>\n',
  'assets/app.0123456789abcdef.js': 'export const answer = 42;\n',
};

/** Names of every shape that the URL styles treat differently. */
const NAMES: Files = {
  'index.html': page('Home'),
  'plain.txt': 'plain\n',
  'page.html': long('Page'),
  'alone.html': page('Alone'),
  'both.html': page('Both, the page'),
  'both/index.html': page('Both, the folder'),
  'file.html': page('File, the page'),
  file: 'a real file of the name of a page\n',
  'sub/index.html': page('Sub'),
  'sub/inner.html': page('Inner'),
  'sub/index/index.html': page('A folder named index'),
  'bare/file.txt': 'a folder without index\n',
  'a b.html': page('A name that needs an escape'),
  'two.html.html': page('Two suffixes'),
  'upper.HTML': page('Another suffix'),
  'old.htm': page('An older suffix'),
  '404.html': long('Nothing here'),
  'guide/404.html': page('No such chapter'),
  'app/200.html': long('Application'),
  'app/main.js': 'export const route = location.pathname;\n',
};

/** A site with rules for its headers. */
const RULED: Files = {
  _headers: `
/*
  X-Everywhere: yes
  Permissions-Policy: camera=()
/docs/*
  X-Docs: 1
/*.txt
  X-Text: a
  X-Text: b
  Vary: Origin
/:page
  X-Depth: 1
/Page
  Cache-Control: max-age=60
  Content-Language: de
/page.html
  ! permissions-policy
/shared/*
  Access-Control-Allow-Origin: *
  X-Between: 1
  Access-Control-Allow-Headers: range
`,
  'index.html': page('Home'),
  'plain.txt': 'plain\n',
  'page.html': long('Page'),
  'docs/index.html': page('Docs'),
  'docs/long.txt': line.repeat(20),
  '404.html': page('Nothing here'),
  'docs/404.html': page('No such chapter'),
  'app/200.html': page('Application'),
  'shared/data.txt': line.repeat(20),
  'shared/dir/index.html': page('Shared'),
  'shared/404.html': page('Nothing shared'),
};

/** A site with redirects, rewrites and pages of rules. */
const REDIRECTED: Files = {
  _redirects: `
# moved for good
/old            /plain.txt
/old/own        /plain.txt?from=old#top   302
/see            /page                     303
/temporary      /page                     307
/permanent      /page                     308
/elsewhere      https://b.example/there
/gone           /404.html                 404
/alias          /page                     200
/plain.txt      /never                    301
/page           /wins                     301!
/nähe          /ferne
/years/:y/:m    /archive/:m-:y            302
/find/:word     /search?q=:word           302
/out/*          https://b.example/:splat  301
/news/*         /docs/:splat              302
/any/*          /:splat/end               302
/twice/*        /:splat/:splat            302
/files/*        /docs/:splat              200
/app/*          /index.html               200
/lost/*         /docs/404.html            404
/docs/shut/*    /page                     301!
/once/*         /twice/:splat             200
`,
  'index.html': page('Home'),
  'plain.txt': 'plain\n',
  'page.html': long('Page'),
  'docs/long.txt': line.repeat(20),
  'docs/shut/a.txt': 'shut\n',
  'docs/index.html': page('Docs'),
  'docs/404.html': page('No such chapter'),
  '404.html': long('Nothing here'),
};

/** 253 bytes: as long as a host can be in DNS. */
const LONG_HOST = `${`${'l'.repeat(49)}.`.repeat(5)}end`;

/** Sites by host with rules of their own: of the same paths, and to the same names. */
const RULED_HOSTS: Files = {
  'default/_headers': '/*\n  X-Site: default\n/page.html\n  X-Page: default\n',
  'default/_redirects': '/old /page 301\n/to/* /sub/:splat 302\n/app/* /page.html 200\n',
  'default/page.html': long('Page of all others'),
  'default/plain.txt': 'plain\n',
  'one/_headers': '/*\n  X-Site: one\n  X-Gone: 1\n/page.html\n  ! X-Gone\n',
  'one/_redirects': '/old /new 308\n/to/* https://b.example/:splat 307\n/plain.txt /page 302!\n',
  'one/page.html': long('Page of one'),
  'one/plain.txt': 'plain\n',
  'one/404.html': page('Nothing in one'),
  'bare/page.html': page('Page of a site without rules'),
  'bare/plain.txt': 'plain\n',
};
const RULED_NAMES = ['one', 'bare'].flatMap((name) => ['--host', `${name}.example=${name}`]);

const HOSTS: Files = {
  'default/index.html': page('Home of all other hosts'),
  'default/plain.txt': 'plain\n',
  'default/only.txt': 'only in the default site\n',
  'default/sub/index.html': page('Sub of all other hosts'),
  'default/404.html': page('Nothing in the default site'),
  'one/index.html': page('Home of one'),
  'one/plain.txt': 'plain\n',
  'one/page.html': long('Page of one'),
  'one/sub/index.html': page('Sub of one'),
  'one/sub/404.html': page('Nothing in sub of one'),
  'one/404.html': page('Nothing in one'),
  'two/index.html': page('Home of two'),
  'two/page.html': long('Page of two'),
  'two/200.html': long('Application of two'),
  'bare/index.html': page('Home of bare'),
  'long/index.html': page('Home of the long name'),
  'six/index.html': page('Home of an address'),
  'four/index.html': page('Home of another address'),
};
const NAMED = [
  ['one.example', 'one'],
  ['two.example', 'two'],
  ['sub.one.example', 'bare'],
  [LONG_HOST, 'long'],
  ['[2001:db8::1]', 'six'],
  ['192.0.2.1', 'four'],
].flatMap(([host, folder]) => ['--host', `${host}=${folder}`]);

const ARCHIVE = join('..', 'site.cdb');

/** By the name that the line `Site:` of a document gives. */
export const SITES = {
  main: { files: FILES, args: ['.', ARCHIVE], host: 'probe' },
  proxied: { files: FILES, args: ['.', ARCHIVE], host: 'probe', trusted: ['127.0.0.1'] },
  both: { files: NAMES, args: ['.', ARCHIVE], host: 'probe' },
  clean: { files: NAMES, args: ['.', ARCHIVE, '--html-urls', 'clean'], host: 'probe' },
  exact: { files: NAMES, args: ['.', ARCHIVE, '--html-urls', 'exact'], host: 'probe' },
  redirects: { files: REDIRECTED, args: ['.', ARCHIVE], host: 'probe' },
  headers: { files: RULED, args: ['.', ARCHIVE], host: 'probe' },
  'ruled-hosts': { files: RULED_HOSTS, args: ['default', ARCHIVE, ...RULED_NAMES], host: 'probe' },
  hosts: { files: HOSTS, args: ['default', ARCHIVE, ...NAMED], host: 'probe' },
  named: { files: HOSTS, args: [ARCHIVE, ...NAMED], host: 'one.example' },
} satisfies Readonly<Record<string, SpecSite>>;
export type SiteName = keyof typeof SITES;

/** Asked for to prove that a connection is alive and in step. */
export const PROBE = { path: '/plain.txt', body: 'plain\n' };

/** Path of the archive. Throws with the packer's own words when it fails. */
export async function packSpecSite({ files, args }: SpecSite): Promise<string> {
  const base = temporaryFolder();
  const folder = join(base, 'site');
  mkdirSync(folder);
  writeSite(folder, files);
  const argv = [packer, ...args, '--no-cache'];
  const ended = await runCommand(process.execPath, argv, { cwd: folder });
  if (ended.code !== 0) throw new Error(`cdbpack ended with ${ended.code}:\n${ended.stderr}`);
  return join(base, 'site.cdb');
}
