// pages.test.ts: the pages of the site that are made of Markdown.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manualPages, readTables } from '../../scripts/manual.mjs';
import { htmlOf, sitePages } from '../../scripts/pages.mjs';
import { packageRoot } from '../../src/paths.ts';

const site = join(packageRoot, 'dist', 'site');
const built = filesBelow(site);
const pages = built.filter((path) => path.endsWith('.html'));

test('every page of the guide is there, as its source has it now', async () => {
  const made = sitePages(manualPages(await readTables()), '0.0') as {
    name: string;
    html: string;
  }[];
  const guide = readdirSync(join(packageRoot, 'docs', 'guide'));
  for (const name of guide)
    expect(made.map((page) => page.name)).toContain(name.replace('.md', '.html'));
  for (const { name, html } of made) {
    const text = readFileSync(join(site, 'docs', name), 'utf8');
    expect(text.replace(/cdbserve \d+\.\d+\.\d+\b,/, 'cdbserve 0.0,')).toBe(html);
  }
});

test.each(pages)('%s: links lead somewhere, and nothing is said twice', (path) => {
  const html = readFileSync(join(site, path), 'utf8');
  expect(html.match(/<title>/g)).toHaveLength(1);
  expect(html.match(/<h1>/g)).toHaveLength(1);
  expect(html).toMatch(/<meta name="description" content="[^"]{10,}">/);
  expect(html).not.toMatch(/<script|<style| style=| on\w+=|javascript:/);
  const names = [...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
  expect(new Set(names).size).toBe(names.length);
  const links = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map((match) => match[1]!);
  expect(links.filter((link) => !leads(path, link))).toEqual([]);
});

test('Markdown becomes what a page needs', () => {
  const html = htmlOf('docs/guide/x.md', '# A\n\nFirst `a<b`.\n\n## B c!\n\nx\n\n## B c!\n');
  expect(html).toContain('<h1>A</h1>');
  expect(html).toContain('<p class="lead">First <code>a&lt;b</code>.</p>');
  expect(html).toContain('<h2 id="b-c"><a class="anchor" href="#b-c">B c!</a></h2>');
  expect(html).toContain('<h2 id="b-c-2">');
});

test('blocks say whose they are', () => {
  const html = htmlOf(
    'docs/guide/x.md',
    [
      '# A\n\nb\n',
      '```sh root\na < b # c\n```\n',
      '```text file=/etc/x\ny\n```\n',
      '```output\nz\n```\n',
    ].join('\n'),
  );
  expect(html).toContain('<figcaption>as root</figcaption>');
  expect(html).toContain('a &lt; b <span class="comment"># c</span>');
  expect(html).toContain('<figcaption><code>/etc/x</code></figcaption>');
  expect(html).toContain('<figure class="output"><figcaption>answers</figcaption>');
});

test('links to pages of the site lead there, others are text', () => {
  const links =
    '[a](https.md#caddy) [b](../site-rules.md) [c](../limits.md) [d](https://e.example/)';
  const html = htmlOf('docs/guide/x.md', `# A\n\n${links}\n`);
  expect(html).toContain('<a href="https.html#caddy">a</a> <a href="site-rules.html">b</a> c ');
  expect(html).toContain('<a href="https://e.example/">d</a>');
});

test('a list of terms can be linked to', () => {
  const html = htmlOf('docs/guide/x.md', '# A\n\nb\n\n- **--c** *D*  \n  E.\n- **--f**  \n  G.\n');
  expect(html).toContain('<dl>\n<dt id="c"><strong>--c</strong> <em>D</em></dt>\n<dd>E.</dd>');
  expect(htmlOf('docs/guide/x.md', '# A\n\nb\n\n- c\n- d\n')).toContain('<li>c</li>');
});

test('HTML in Markdown is refused', () => {
  expect(() => htmlOf('docs/guide/x.md', '# A\n\na <b>c</b>\n')).toThrow('docs/guide/x.md: HTML');
});

function leads(path: string, link: string): boolean {
  if (/^https?:/.test(link)) return true;
  const [file, fragment] = link.split('#');
  const from = link.startsWith('/') ? link.split('#')[0]!.slice(1) : join(path, '..', file!);
  const target = file === '' ? path : from;
  const whole =
    target === '' || target === '.' || target.endsWith('/') ? join(target, 'index.html') : target;
  if (!existsSync(join(site, whole))) return false;
  if (fragment === undefined) return true;
  return readFileSync(join(site, whole), 'utf8').includes(` id="${fragment}"`);
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
