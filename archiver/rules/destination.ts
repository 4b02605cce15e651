// destination.ts: where a rule of `_redirects` leads, with its captures. Pure.
import { domainToASCII } from 'node:url';
import { isHost } from '../../src/format/host.ts';
import { encodeKey } from '../target.ts';
import { hasSoundEscapes, normalPath, normalQuery, unescaped } from './escapes.ts';
import type { Pattern } from './redirect_pattern.ts';

/** Text as it stands in a URL, or the number of a capture. */
export type Piece = string | number;

export interface Destination {
  /** `https://a.example`, or '' for the same site. */
  readonly origin: string;
  readonly path: readonly Piece[];
  /** Without '?'; undefined: that of the request is used. */
  readonly query: readonly Piece[] | undefined;
  /** Without '#'. */
  readonly fragment: readonly Piece[] | undefined;
}

const ORIGIN = /^(https?:\/\/)([^/?#]*)/;
const PORT = /:(\d{0,5})$/;
const CAPTURE = /:([A-Za-z_][A-Za-z0-9_]*)/g;
const PORT_MAX = 65_535;

/** Whether a word of a line can be a destination. */
export function isDestination(word: string): boolean {
  return word.startsWith('/') || isAbsolute(word);
}

export function isAbsolute(word: string): boolean {
  return /^https?:\/\//.test(word);
}

/** The destination, or what is wrong with it in words. */
export function readDestination(text: string, pattern: Pattern): Destination | string {
  const [origin = '', scheme = '', authority = ''] = ORIGIN.exec(text) ?? [];
  const [, path = '', , query, , fragment] =
    /^([^?#]*)(\?([^#]*))?(#(.*))?$/.exec(text.slice(origin.length)) ?? [];
  const fault =
    (origin === '' ? faultOfPath(path) : faultOfAuthority(scheme, authority)) ??
    faultOfText(text, path, pattern);
  if (fault !== undefined) return fault;
  const pieces = (part: string, normal: (text: string) => string) =>
    piecesOf(part, pattern.names, normal);
  return {
    origin,
    path: pieces(path === '' ? '/' : path, normalPath),
    query: query === undefined ? undefined : pieces(query, normalQuery),
    fragment: fragment === undefined ? undefined : pieces(fragment, normalQuery),
  };
}

function faultOfPath(path: string): string | undefined {
  if (path.startsWith('//')) return "it begins with '//', which names another host";
  if (path.includes('//')) return "'//': a path with an empty segment is always 404";
  if (path === '/.netlify' || path.startsWith('/.netlify/')) {
    return "it leads to '/.netlify', which is no part of a packed site";
  }
  const dots = path.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
  return dots ? "it has '.' or '..' as a segment: write the path it leads to" : undefined;
}

function faultOfAuthority(scheme: string, authority: string): string | undefined {
  if (/:[A-Za-z_]/.test(authority) || authority.includes('*')) {
    return 'a capture in the host: only path, query and fragment may have one';
  }
  if (authority.includes('@')) return 'a user name or password before its host';
  const port = PORT.exec(authority)?.[1] ?? '';
  const host = authority.replace(PORT, '');
  const lower = host.toLowerCase();
  if (isHost(lower)) return Number(port) <= PORT_MAX ? undefined : `its port is ${port}`;
  const ascii = /[^\0-\x7f]/.test(host) ? domainToASCII(host) : '';
  return isHost(ascii)
    ? `its host is written ${ascii} in a URL`
    : `its host '${host}' is none: ${scheme}a.example/path is how it looks`;
}

function faultOfText(text: string, path: string, { names, splat }: Pattern): string | undefined {
  if (text.includes('\\')) return "it has '\\', which browsers take for '/': write '/' or %5C";
  if (!hasSoundEscapes(text)) return "it has a '%' that is no escape; itself it is written %25";
  if (splat && path.split('/').includes('*')) return "what '*' stands for is written :splat there";
  const unknown = [...text.replace(ORIGIN, '').matchAll(CAPTURE)].find(
    ([, name]) => !names.includes(name!),
  );
  return unknown === undefined
    ? undefined
    : `'${unknown[0]}' is no capture of the path before it; a colon itself is written %3A`;
}

function piecesOf(
  text: string,
  names: readonly string[],
  normal: (text: string) => string,
): readonly Piece[] {
  const parts = text.split(CAPTURE);
  return parts
    .map((part, index) => (index % 2 === 1 ? names.indexOf(part) : normal(part)))
    .filter((piece) => piece !== '');
}

/** Whether any part of it depends on the path of the request. */
export function hasCaptures({ path, query = [], fragment = [] }: Destination): boolean {
  return [...path, ...query, ...fragment].some((piece) => typeof piece === 'number');
}

/** Text of the path as keys have it, with numbers of captures; undefined: no key is like that. */
export function decodedPath({ path }: Destination): readonly Piece[] | undefined {
  const pieces = path.map((piece) => (typeof piece === 'number' ? piece : unescaped(piece)));
  const escaped = path.some((piece) => /%(?:00|2f|5c)/i.test(String(piece)));
  return escaped || pieces.includes(undefined) ? undefined : (pieces as Piece[]);
}

/** The key that a decoded path is with these captures. */
export function expandKey(path: readonly Piece[], captures: readonly string[]): string {
  return joined(path.map((piece) => (typeof piece === 'number' ? captures[piece]! : piece)));
}

/** As Location has it, before the query of the request, and what comes after that. */
export function locationOf(
  { origin, path, query, fragment }: Destination,
  captures: readonly string[],
): { readonly before: string; readonly after: string } {
  const expand = (pieces: readonly Piece[], encode: (text: string) => string) =>
    joined(pieces.map((piece) => (typeof piece === 'number' ? encode(captures[piece]!) : piece)));
  const own = query === undefined ? '' : `?${expand(query, encodeQueryPart)}`;
  return {
    before: origin + expand(path, encodeKey) + own,
    after: fragment === undefined ? '' : `#${expand(fragment, encodeQueryPart)}`,
  };
}

/** A capture there may not add parameters: RFC 3986 section 3.4, without the sub-delims. */
export function encodeQueryPart(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (letter) => {
    return `%${letter.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}

/** No two slashes meet where parts meet: '/' and an empty capture and '/x' are '/x'. */
function joined(parts: readonly string[]): string {
  let text = '';
  for (const part of parts) {
    text += text.endsWith('/') && part.startsWith('/') ? part.slice(1) : part;
  }
  return text;
}
