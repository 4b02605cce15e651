// pages.mjs: the pages of the site that are written in Markdown, as HTML without scripts.
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Marked } from 'marked';
import { root } from './terminal.mjs';

/** What the list beside each page has: its heading, and sources with what they are called there. */
const GROUPS = [
  [
    'Guide',
    [
      ['docs/guide/index.md', 'Overview'],
      ['docs/guide/getting-started.md', 'Getting started'],
      ['docs/guide/publish.md', 'Publish and roll back'],
      ['docs/guide/service.md', 'Run it as a service'],
      ['docs/guide/monitoring.md', 'Watch over it'],
      ['docs/guide/https.md', 'HTTPS'],
      ['docs/guide/coming-from.md', 'Coming from elsewhere'],
      ['docs/guide/troubleshooting.md', 'Troubleshooting'],
    ],
  ],
  [
    'Reference',
    [
      ['docs/guide/packing.md', 'What is packed'],
      ['docs/site-rules.md', 'Rules of a site'],
      ['docs/guide/http.md', 'HTTP'],
      ['docs/archive-format.md', 'Archive format'],
    ],
  ],
  [
    'Commands',
    [
      ['man/cdbpack.1.md', 'cdbpack'],
      ['man/cdbserve.8.md', 'cdbserve'],
      ['man/cdbinspect.1.md', 'cdbinspect'],
    ],
  ],
];

const SOURCES = GROUPS.flatMap(([, rows]) => rows.map(([source]) => source));

/** Name, text and time (milliseconds) of every page. `manual`: as manualPages() gives it. */
export function sitePages(manual, version) {
  return SOURCES.map((source) => {
    const html = pageOf(source, markdownOf(source, manual), version);
    return { name: nameOf(source), html, modifiedMs: statSync(join(root, source)).mtimeMs };
  });
}

function nameOf(source) {
  return `${basename(source).replace(/(\.\d)?\.md$/, '')}.html`;
}

function markdownOf(source, manual) {
  if (!source.startsWith('man/')) return readFileSync(join(root, source), 'utf8');
  const page = manual.find(({ name }) => source.startsWith(`man/${name}.`));
  const sections = page.markdown.replaceAll(/^## (.)(.*)$/gm, (_, first, rest) => {
    return `## ${first}${rest.toLowerCase()}`;
  });
  return `# ${page.name}(${page.section})\n\n${sections.replace(/^## Name\n\n/, '')}`;
}

function pageOf(source, markdown, version) {
  const { title, lead, main } = partsOf(source, markdown);
  return template({
    title,
    description: textOf(lead),
    main,
    nav: navigation(source),
    version,
  });
}

/** What stands between the frame's parts. `source`: the path of the Markdown, for its links. */
export function htmlOf(source, markdown) {
  return partsOf(source, markdown).main;
}

function partsOf(source, markdown) {
  const marked = new Marked({ renderer: rendererFor(source) });
  const tokens = marked.lexer(markdown);
  const title = tokens.find(({ type }) => type === 'heading').text.replaceAll('`', '');
  const lead = tokens.find(({ type }) => type === 'paragraph');
  lead.isLead = true;
  return { title, lead: marked.parser([lead]), main: marked.parser(tokens) };
}

function rendererFor(source) {
  const names = new Map();
  let section = '';
  return {
    heading({ tokens, depth }) {
      const html = this.parser.parseInline(tokens);
      if (depth === 1) return `<h1>${html}</h1>\n`;
      const id = uniqueName(names, textOf(html));
      section = textOf(html);
      return `<h${depth} id="${id}"><a class="anchor" href="#${id}">${html}</a></h${depth}>\n`;
    },
    paragraph({ tokens, isLead }) {
      return `<p${isLead ? ' class="lead"' : ''}>${this.parser.parseInline(tokens)}</p>\n`;
    },
    code: ({ text, lang }) => codeBlock(text, lang ?? ''),
    table({ header, rows }) {
      const cells = (row, tag) =>
        row.map(({ tokens }, column) => {
          const [open, close] = column === 0 || tag === 'col' ? [`th scope="${tag}"`, 'th'] : TD;
          return `<${open}>${this.parser.parseInline(tokens)}</${close}>`;
        });
      const line = (row, tag) => `<tr>${cells(row, tag).join('')}</tr>\n`;
      const body = rows.map((row) => line(row, 'row')).join('');
      const label = `tabindex="0" role="region" aria-label="${section || 'Table'}"`;
      return (
        `<div class="table" ${label}>\n<table>\n<thead>\n${line(header, 'col')}</thead>\n` +
        `<tbody>\n${body}</tbody>\n</table>\n</div>\n`
      );
    },
    list({ items }) {
      const rows = items.map(({ tokens: [first, ...rest] }) => {
        const cut = first.tokens?.findIndex(({ type }) => type === 'br') ?? -1;
        if (cut < 0) return undefined;
        const term = this.parser.parseInline(first.tokens.slice(0, cut));
        const text = this.parser.parseInline(first.tokens.slice(cut + 1));
        const id = uniqueName(names, textOf(term).split(' ')[0]);
        return `<dt id="${id}">${term}</dt>\n<dd>${text}${this.parser.parse(rest)}</dd>\n`;
      });
      return rows.includes(undefined) ? false : `<dl>\n${rows.join('')}</dl>\n`;
    },
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens);
      const target = targetOf(source, href);
      return target === undefined ? text : `<a href="${target}">${text}</a>`;
    },
    html({ raw }) {
      throw new Error(`${source}: HTML where Markdown is wanted: ${raw}`);
    },
  };
}

const TD = ['td', 'td'];

/** Undefined: what is linked to is not on the site. */
function targetOf(source, href) {
  if (/^[a-z]+:|^#|^\//.test(href)) return href;
  const [path, fragment] = href.split('#');
  const linked = join(source, '..', path);
  if (!SOURCES.includes(linked)) return undefined;
  return nameOf(linked) + (fragment === undefined ? '' : `#${fragment}`);
}

/** The first word of the info string is the language; file= and root are for the reader too. */
function codeBlock(text, info) {
  const [language = '', ...notes] = info.split(' ');
  const file = notes.find((note) => note.startsWith('file='))?.slice('file='.length);
  const said = [
    ...(file ? [`<code>${escape(file)}</code>`] : []),
    ...(notes.includes('root') ? ['as root'] : []),
    ...(language === 'output' ? ['answers'] : []),
  ];
  const caption = said.length > 0 ? `<figcaption>${said.join(', ')}</figcaption>` : '';
  const lines =
    language === 'sh' ? escape(text).replaceAll(/(^|\s)(#.*)$/gm, COMMENT) : escape(text);
  const kind = language === 'output' ? ' class="output"' : '';
  const label = file ?? (language === 'sh' ? 'Commands' : 'Text');
  const box = `tabindex="0" role="region" aria-label="${escape(label)}"`;
  return `<figure${kind}>${caption}<pre ${box}><code>${lines}</code></pre></figure>\n`;
}

const COMMENT = '$1<span class="comment">$2</span>';

function navigation(source) {
  return GROUPS.map(([heading, rows]) => {
    const items = rows.map(([each, called]) => {
      const current = each === source ? ' aria-current="page"' : '';
      const href = each === 'docs/guide/index.md' ? './' : nameOf(each);
      return `<li><a href="${href}"${current}>${called}</a></li>`;
    });
    return `<h2>${heading}</h2>\n<ul>\n${items.join('\n')}\n</ul>`;
  }).join('\n');
}

function uniqueName(names, text) {
  const plain = text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-');
  const name = plain.replaceAll(/^-|-$/g, '') || 'section';
  const count = (names.get(name) ?? 0) + 1;
  names.set(name, count);
  return count === 1 ? name : `${name}-${count}`;
}

/** Without its tags; what is escaped stays so. */
function textOf(html) {
  return html
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('"', '&quot;')
    .trim();
}

function escape(text) {
  const names = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (letter) => names[letter]);
}

function template({ title, description, main, nav, version }) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}: cdbserve</title>
<meta name="description" content="${description}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="../assets/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="../assets/style.css">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="site-header">
<div>
<a class="brand" href="../"
><img src="../assets/favicon.svg" width="28" height="28" alt="">cdbserve</a>
<nav class="site-nav" aria-label="Main">
<ul>
<li><a href="../">Home</a></li>
<li><a href="getting-started.html">Getting started</a></li>
<li><a href="./" aria-current="true">Documentation</a></li>
</ul>
</nav>
</div>
</header>
<div class="page with-nav">
<main class="prose" id="content">
${main}</main>
<nav class="docs-nav" aria-label="Documentation">
${nav}
</nav>
</div>
<footer class="site-footer">
<div>
<p>cdbserve ${version}, Apache License 2.0</p>
<p><a href="../.well-known/security.txt">Report a security problem</a></p>
</div>
</footer>
</body>
</html>
`;
}
