// escapes.ts: percent-encoding of what rules say about URLs. RFC 3986 section 2. Pure.

/** RFC 3986 section 3.3: pchar and '/'. */
const PATH = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/]$/;
/** What a query or fragment may hold besides. */
const QUERY = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/?]$/;

/** Every escape of the text is one byte in two hexadecimal digits. */
export function hasSoundEscapes(text: string): boolean {
  return !/%(?![0-9A-Fa-f]{2})/.test(text);
}

/** Keeps escapes as they are, and escapes what may not stand in a path. */
export function normalPath(text: string): string {
  return escapeAll(text, PATH);
}

/** The same for a query or a fragment, without its '?' or '#'. */
export function normalQuery(text: string): string {
  return escapeAll(text, QUERY);
}

function escapeAll(text: string, kept: RegExp): string {
  return text.replace(/%[0-9A-Fa-f]{2}|[^]/gu, (part) => {
    return part.length === 3 || kept.test(part) ? part : percentBytes(part);
  });
}

function percentBytes(text: string): string {
  const hex = [...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, '0'));
  return hex.map((digits) => `%${digits.toUpperCase()}`).join('');
}

/** The text that the escapes stand for; undefined where they are not UTF-8. */
export function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
