// roff.mjs: Markdown to a man page in the macros of man(7).
//
// What man pages have no use for, such as tables and images, is refused.
import { marked } from 'marked';

/** `pages`: as manualPages() gives them. A list whose items break after a term is one of terms. */
export function roffOf({ name, section, date, markdown }, version) {
  const title = `.TH ${name.toUpperCase()} ${section} ${date} "cdbserve ${version}" "cdbserve"`;
  const origin = `.\\" Made from man/${name}.${section}.md and the option table of ${name}.`;
  const lines = marked.lexer(markdown).flatMap(blockOf);
  const first = (line, at) => line === '.PP' && /^\.S[HS] /.test(lines[at - 1]);
  const kept = lines.filter((line, at) => !first(line, at));
  return `${[origin, title, '.nh', '.ad l', ...kept].join('\n')}\n`;
}

const BLOCKS = {
  space: () => [],
  heading: ({ depth, tokens }) => [`${depth === 2 ? '.SH' : '.SS'} "${inline(tokens)}"`],
  paragraph: ({ tokens }) => ['.PP', textLine(inline(tokens))],
  code: ({ text }) => ['.PP', '.RS 4', '.nf', ...text.split('\n').map(codeLine), '.fi', '.RE'],
  list: ({ items }) => items.flatMap(itemOf),
};

function blockOf(token) {
  const make = BLOCKS[token.type];
  if (!make) throw new Error(`a man page has no ${token.type}: ${token.raw}`);
  return make(token);
}

function itemOf({ tokens }) {
  const [first, ...rest] = tokens;
  const cut = first.tokens.findIndex(({ type }) => type === 'br');
  const more = rest.flatMap(blockOf);
  if (cut < 0) return ['.IP \\(bu 2', textLine(inline(first.tokens)), ...more];
  const term = inline(first.tokens.slice(0, cut));
  return ['.TP', textLine(term), textLine(inline(first.tokens.slice(cut + 1))), ...more];
}

function inline(tokens) {
  return tokens.map(inlineOf).join('');
}

function inlineOf(token) {
  if (token.type === 'strong') return `\\fB${code(plain(token.tokens))}\\fR`;
  if (token.type === 'em') return `\\fI${code(plain(token.tokens))}\\fR`;
  if (token.type === 'codespan') return `\\fB${code(token.text)}\\fR`;
  if (token.type === 'link') return inline(token.tokens);
  if (token.type === 'text' || token.type === 'escape') return escape(unentity(token.text));
  throw new Error(`a man page has no ${token.type}: ${token.raw}`);
}

/** Text of tokens without any of their own; emphasis is not nested. */
function plain(tokens) {
  return tokens.map(({ text }) => unentity(text)).join('');
}

/** What is typed as it stands: its hyphens are minus signs. */
function code(text) {
  return escape(text).replaceAll('-', '\\-');
}

function escape(text) {
  const named = { '\\': '\\e', '~': '\\(ti', '^': '\\(ha', '`': '\\(ga', "'": '\\(aq' };
  return text
    .replaceAll(/[\\~^`']/g, (letter) => named[letter])
    .replaceAll(/[^\0-\x7f]/gu, (letter) => {
      const digits = letter.codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
      return `\\[u${digits}]`;
    });
}

function unentity(text) {
  const letters = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&#39;': "'" };
  return text.replaceAll(/&(?:lt|gt|amp|quot|#39);/g, (name) => letters[name]);
}

function codeLine(line) {
  return textLine(code(line));
}

/** A line that begins with a dot or a quote would be a request to roff. */
function textLine(text) {
  return text
    .split('\n')
    .map((line) => (/^[.']/.test(line) ? `\\&${line}` : line))
    .join('\n');
}
