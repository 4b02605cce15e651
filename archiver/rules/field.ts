// field.ts: which header fields a site may set, and with which values.
import { HEAD_BLOCK_BYTES_MAX } from '../../src/format/layout.ts';
import { count } from '../text.ts';

/** The server or the packer writes them, or they would break the framing of answers. */
export const OWNED: ReadonlySet<string> = new Set([
  'accept-ranges',
  'age',
  'allow',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'date',
  'etag',
  'keep-alive',
  'last-modified',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Fields that are refused for a reason of their own. */
const REFUSED: Readonly<Record<string, string>> = {
  'basic-auth':
    'it asks for a password on Netlify; here it would be sent to everybody. ' +
    'Ask for passwords in a proxy before the server, and delete the line.',
  location: 'it is written for redirects alone. Make the redirect in _redirects.',
};

/** Fields without which an answer would be wrong. */
const KEPT: Readonly<Record<string, string>> = {
  'content-type': 'without it a browser would guess. Set another value instead.',
  vary: 'caches would mix up answers. Delete the line.',
};

/** RFC 9110 section 5.6.2. */
const NAME = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const TOKEN = new RegExp(`^${NAME}$`);
/** RFC 9110 section 8.3.1; a charset is a parameter. */
const PARAMETER = `[ \\t]*;[ \\t]*${NAME}=(?:${NAME}|"[^"\\\\]*")`;
const MEDIA_TYPE = new RegExp(`^${NAME}/${NAME}(?:${PARAMETER})*$`);
const VARY = new RegExp(`^${NAME}(?:[ \\t]*,[ \\t]*${NAME})*$`);

/** What forbids a site to set or remove the field, as whole sentences; undefined: nothing. */
export function faultOfName(name: string): string | undefined {
  if (!TOKEN.test(name)) {
    return 'this is no name of a header. A name has letters, digits and hyphens, and no space.';
  }
  const lower = name.toLowerCase();
  if (OWNED.has(lower)) return 'the server alone knows this header. Delete the line.';
  return Object.hasOwn(REFUSED, lower) ? REFUSED[lower] : undefined;
}

/** The same for removing it, where the name itself is allowed. */
export function faultOfRemoval(name: string): string | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(KEPT, lower) ? `it cannot be removed: ${KEPT[lower]}` : undefined;
}

export function faultOfValue(name: string, value: string): string | undefined {
  if (value === '') return `it has no value. Write one, or ! ${name} to remove the header.`;
  if (value.length > HEAD_BLOCK_BYTES_MAX) {
    const most = `${count(HEAD_BLOCK_BYTES_MAX)} is the most of all headers together`;
    return `its value has ${count(value.length)} characters; ${most}. Shorten it.`;
  }
  if (/[^\x20-\x7e\t]/.test(value)) {
    return (
      'its value has a character that is not printable ASCII, which clients read in different ' +
      'ways. Write it as %XX in a URL, or leave it out.'
    );
  }
  const lower = name.toLowerCase();
  if (lower === 'content-type' && !MEDIA_TYPE.test(value)) {
    return 'its value is no media type. Write one such as text/plain; charset=utf-8.';
  }
  if (lower === 'vary' && !VARY.test(value)) {
    return 'its value is no list of header names. Write names with commas between.';
  }
  return undefined;
}
