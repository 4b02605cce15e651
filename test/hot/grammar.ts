// grammar.ts: what a request head means, read with expressions copied from the ABNF of RFC 3986,
// 9110 and 9112: slow and plain.

/** RFC 9110 5.6.2. */
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
/** RFC 9112 3, with one space where it says SP, and a target of any visible bytes. */
const REQUEST_LINE = new RegExp(`^(${TOKEN}) ([\\x21-\\x7e]+) HTTP/([0-9])\\.([0-9])$`);
/** RFC 9112 5: field-name ":" OWS field-value OWS, the white space still there. */
const FIELD_LINE = new RegExp(`^(${TOKEN}):([\\t\\x20-\\x7e\\x80-\\xff]*)$`);

/** RFC 3986 3.2.2 and appendix A. */
const UNRESERVED = 'A-Za-z0-9\\-._~';
const SUB_DELIMS = "!$&'()*+,;=";
const DEC_OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])';
const IPV4 = `${DEC_OCTET}\\.${DEC_OCTET}\\.${DEC_OCTET}\\.${DEC_OCTET}`;
const H16 = '[0-9A-Fa-f]{1,4}';
const LS32 = `(?:${H16}:${H16}|${IPV4})`;
const IPV6 = [
  `(?:${H16}:){6}${LS32}`,
  `::(?:${H16}:){5}${LS32}`,
  `(?:${H16})?::(?:${H16}:){4}${LS32}`,
  `(?:(?:${H16}:){0,1}${H16})?::(?:${H16}:){3}${LS32}`,
  `(?:(?:${H16}:){0,2}${H16})?::(?:${H16}:){2}${LS32}`,
  `(?:(?:${H16}:){0,3}${H16})?::${H16}:${LS32}`,
  `(?:(?:${H16}:){0,4}${H16})?::${LS32}`,
  `(?:(?:${H16}:){0,5}${H16})?::${H16}`,
  `(?:(?:${H16}:){0,6}${H16})?::`,
].join('|');
const IPV_FUTURE = `[vV][0-9A-Fa-f]+\\.[${UNRESERVED}${SUB_DELIMS}:]+`;
const REG_NAME = `(?:[${UNRESERVED}${SUB_DELIMS}]|%[0-9A-Fa-f]{2})*`;
const AUTHORITY = new RegExp(`^(?:\\[(?:${IPV6}|${IPV_FUTURE})\\]|${REG_NAME})(?::([0-9]*))?$`);
const PORT_MAX = 65_535n;

/** `uri-host [":" port]`. */
export function isAuthority(text: string): boolean {
  const found = AUTHORITY.exec(text);
  return found !== null && BigInt(found[1] ?? '') <= PORT_MAX;
}

/** HTTP Method Registry of the methods that tests use. */
const REFUSED = ['CONNECT', 'POST', 'PUT', 'TRACE', 'PATCH'];
const SERVED = ['GET', 'HEAD', 'OPTIONS'];

export interface Meaning {
  /** undefined: that of the path. */
  readonly status: number | undefined;
  readonly closes: boolean;
  /** As sent, for keyOf(). */
  readonly path: string;
  readonly method: string;
}

interface Head {
  readonly method: string;
  readonly target: string;
  readonly minor: number;
  /** Names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Of a whole head, its empty line included; what follows it is not looked at. */
export function meaningOf(text: string): Meaning {
  const head = readHead(text.replace(/^\r\n/, ''));
  if (typeof head === 'number') return { status: head, closes: true, path: '', method: '' };
  const target = readTarget(head);
  const path = typeof target === 'object' ? target.path : '';
  const meaning = (status: number | undefined, closes: boolean): Meaning => ({
    status,
    closes,
    path,
    method: head.method,
  });
  const framing = framingOf(head);
  if (!hasSoundHost(head) || target === 400 || framing === 400) return meaning(400, true);
  if (framing === 501) return meaning(501, true);
  const closes = framing === 'body' || !keeps(head);
  if (typeof target === 'object' && target.https) return meaning(421, closes);
  if (REFUSED.includes(head.method)) return meaning(405, closes);
  if (!SERVED.includes(head.method)) return meaning(501, closes);
  const expectations = listOf(head, 'expect').filter((one) => one !== '100-continue');
  if (head.minor > 0 && expectations.length > 0) return meaning(417, true);
  return meaning(undefined, closes);
}

/** Or the status of a refusal. */
function readHead(text: string): Head | number {
  const lines = text.split('\r\n');
  // With the CR a foreign version is known as such, whatever follows.
  const start = lines[0]!.replace(/(?<= HTTP\/[02-9]\.[0-9])\r.*/s, '');
  const [, method, target, major, minor] = REQUEST_LINE.exec(start) ?? [];
  if (method === undefined) return 400;
  // `PRI * HTTP/2.0`: an asterisk is judged when the version is known.
  if (target !== '*' && readTarget({ method, target: target! }) === 400) return 400;
  if (major !== '1') return 505;
  const fields: (readonly [string, string])[] = [];
  for (const line of lines.slice(1, lines.indexOf('', 1))) {
    const [, name, value] = FIELD_LINE.exec(line) ?? [];
    if (name === undefined) return 400;
    fields.push([name.toLowerCase(), trimmed(value!)]);
  }
  return { method, target: target!, minor: Number(minor), fields };
}

function valuesOf({ fields }: Head, name: string): string[] {
  return fields.filter(([given]) => given === name).map(([, value]) => value);
}

/** All lines as one list, in lower case; quotes hide commas. RFC 9110 5.6.1, 5.6.4. */
function listOf(head: Head, name: string): string[] {
  const members = valuesOf(head, name).flatMap(
    (value) => value.match(/(?:[^",]|"(?:[^"\\]|\\.)*(?:"|\\?$))+/g) ?? [],
  );
  return members.map((member) => trimmed(member).toLowerCase()).filter((member) => member !== '');
}

/** Without OWS, RFC 9110 5.6.3. */
function trimmed(text: string): string {
  return text.replaceAll(/^[ \t]+|[ \t]+$/g, '');
}

function hasSoundHost(head: Head): boolean {
  const hosts = valuesOf(head, 'host');
  if (hosts.length === 0) return head.minor === 0;
  return hosts.length === 1 && isAuthority(hosts[0]!);
}

/** RFC 9112 3.2. */
function readTarget({
  method,
  target,
}: Pick<Head, 'method' | 'target'>): { path: string; https: boolean } | 400 {
  if (target.startsWith('/')) return { path: target, https: false };
  const hostAndPort = /^[^:].*:[0-9]+$/.test(target) && isAuthority(target);
  if ((method === 'CONNECT' && hostAndPort) || (method === 'OPTIONS' && target === '*')) {
    return { path: '/', https: false };
  }
  const [, s, authority, rest] = /^http(s?):\/\/([^/?#]+)(.*)$/i.exec(target) ?? [];
  if (authority === undefined || authority.startsWith(':') || !isAuthority(authority)) return 400;
  return { path: rest!, https: s !== '' };
}

/** RFC 9112 6. */
function framingOf(head: Head): 'none' | 'body' | 400 | 501 {
  const lengths = valuesOf(head, 'content-length');
  const codings = listOf(head, 'transfer-encoding');
  const isCoded = valuesOf(head, 'transfer-encoding').length > 0;
  if (lengths.length > 1 || lengths.some((length) => !/^[0-9]{1,15}$/.test(length))) return 400;
  if (!isCoded) return Number(lengths[0] ?? 0) > 0 ? 'body' : 'none';
  if (lengths.length > 0 || head.minor === 0) return 400;
  if (codings.at(-1) !== 'chunked' || codings.indexOf('chunked') < codings.length - 1) return 400;
  return codings.length > 1 ? 501 : 'body';
}

/** RFC 9112 9.3. */
function keeps(head: Head): boolean {
  const options = valuesOf(head, 'connection').flatMap((value) =>
    value.split(',').map((option) => trimmed(option).toLowerCase()),
  );
  return !options.includes('close') && (head.minor > 0 || options.includes('keep-alive'));
}

/**
 * The key of a path as sent, a byte a character; -400 or -404 where it can have none. RFC 3986
 * 5.2.4.
 */
export function keyOf(target: string): string | number {
  const text = target.replace(/[?#].*/s, '');
  if (text === '') return '/';
  if (/%(?![0-9a-f]{2})|%00/i.test(text)) return -400;
  const segments = text.split('/').slice(1).map(decode);
  const last = segments.length - 1;
  const kept: string[] = [];
  for (const [index, segment] of segments.entries()) {
    if (segment === '..' && kept.pop() === undefined) return -400;
    if (segment !== '..' && segment !== '.') kept.push(segment);
    else if (index === last) kept.push('');
  }
  if (segments.some((segment) => /[/\\]/.test(segment) || !isUtf8(segment))) return -404;
  if (kept.slice(0, -1).includes('')) return -404;
  return `/${kept.join('/')}`;
}

function decode(segment: string): string {
  return segment.replaceAll(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function isUtf8(text: string): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'));
    return true;
  } catch {
    return false;
  }
}
