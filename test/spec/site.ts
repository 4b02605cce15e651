// site.ts: the one small site that all documents of this folder speak of.
import { noise } from '../support/site.ts';
import type { Files } from '../support/site.ts';

const line = 'A page with enough of the same words to be worth a coding: words, words, words.\n';

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

/** Asked for to prove that a connection is alive and in step. */
export const PROBE = { request: 'GET /plain.txt HTTP/1.1\r\nHost: probe\r\n\r\n', body: 'plain\n' };
