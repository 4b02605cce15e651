// tables.ts: character sets by their RFC words, one byte of answer for each byte of input.
//
// Made once at load. A zero means: not in the set. The zero byte itself is in none, and stands
// behind every range in the inbox, so that a scan needs no second bound to stop.
import { hexValues, setOf } from '../format/bytes.ts';

export const SPACE = 0x20;
export const HTAB = 0x09;
export const CR = 0x0d;
export const LF = 0x0a;
export const SLASH = 0x2f;
export const BACKSLASH = 0x5c;
export const DOT = 0x2e;
export const PERCENT = 0x25;
export const QUESTION = 0x3f;
export const HASH = 0x23;
export const COLON = 0x3a;
export const COMMA = 0x2c;
export const SEMICOLON = 0x3b;
export const EQUALS = 0x3d;
export const QUOTE = 0x22;
export const ASTERISK = 0x2a;
export const AT_SIGN = 0x40;
export const DIGIT_0 = 0x30;
export const DIGIT_9 = 0x39;

const ALPHA_DIGIT = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** tchar, RFC 9110 5.6.2. */
export const TCHAR = setOf("!#$%&'*+-.^_`|~" + ALPHA_DIGIT);
/** What a field value may hold, RFC 9110 5.5: HTAB, SP, VCHAR, obs-text. */
export const FIELD_BYTE = setOf('\t', [0x20, 0x7e], [0x80, 0xff]);
/** What we let a target hold, RFC 9112 3.2 and more: 21 to 7E. */
export const TARGET_BYTE = setOf('', [0x21, 0x7e]);
/** unreserved and sub-delims of RFC 3986 2: a reg-name but for its percent escapes. */
export const REG_NAME = setOf("-._~!$&'()*+,;=" + ALPHA_DIGIT);
/** Bytes of a path that are their own key, whatever stands round them. */
export const PATH_PLAIN = setOf('!"$', [0x26, 0x2d], [0x30, 0x3e], [0x40, 0x5b], [0x5d, 0x7e]);
/** What a path ends at: the query, the fragment, or the space behind the target. */
export const PATH_STOP = setOf(' ?#');
/** etagc, RFC 9110 8.8.3. */
export const ETAGC = setOf('!', [0x23, 0x7e], [0x80, 0xff]);
/** What a query may hold as sent when it is copied into Location; the rest is escaped. */
export const QUERY_PLAIN = setOf("!$%&'()*+,-./:;=?@_~#[]" + ALPHA_DIGIT);
/** Bytes of a key that stand for themselves in a Location: pchar and '/', RFC 3986 3.3. */
export const KEY_PLAIN = setOf("-._~!$&'()*+,;=:@/" + ALPHA_DIGIT);
/** The same in a query, where a sub-delim may part parameters. */
export const PARAMETER_PLAIN = setOf('-._~' + ALPHA_DIGIT);
/** Value of a hexadecimal digit, 0xff for all else. */
export const HEX = hexValues();
