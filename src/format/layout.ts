// layout.ts: where every number of archive format 1 stands.
//
// Constants only, so that the hot loop may import it. The prose and a hex dump are in
// docs/archive-format.md. All integers are little-endian and unsigned. "Absolute" is an offset into
// the CDB file.

export const FORMAT = 1;

/** A CDB begins with 256 pairs of u32 {table position, slot count}: https://cr.yp.to/cdb/cdb.txt */
export const CDB_HEADER_BYTES = 2048;
export const CDB_RECORD_HEAD_BYTES = 8;
export const CDB_SLOT_BYTES = 8;
export const CDB_HASH_START = 5381;
/** CDB positions are u32: no byte may lie past this. */
export const ARCHIVE_BYTES_MAX = 0xffff_ffff;

/** Keys. Paths start with '/', or with '@' and a host; the others cannot collide with them. */
export const KEY_MANIFEST = 'cdbsite';
/** Alone, or before '@' and a host: the rules of a site for paths that it does not have. */
export const KEY_RULES = 'rules';
/** Before a folder, host included: the route of its 404.html, and that of its 200.html. */
export const KEY_FALLBACK_PREFIX = '404';
export const KEY_REWRITE_PREFIX = '200';
/** '@', then a host: the beginning of its keys; with nothing after it, says that it is there. */
export const KEY_HOST_PREFIX = 0x40;
export const KEY_BODY_PREFIX = 0x62; // 'b', then 32 bytes of SHA-256
export const KEY_HEAD_PREFIX = 0x68; // 'h', then 32 bytes of SHA-256
export const KEY_DIGEST_BYTES = 33;

/**
 * The manifest starts `{"digest":"` and 64 hexadecimal digits: the only bytes the digest leaves
 * out.
 */
export const MANIFEST_DIGEST_AT = 11;
export const MANIFEST_DIGEST_BYTES = 64;

/** Route record: a head, then one variant per stored coding, the most preferred first. */
export const ROUTE_STATUS = 0; // u16
export const ROUTE_FLAGS = 2; // u16, ROUTE_FLAG_*
export const ROUTE_MODIFIED = 4; // u32, seconds since 1970; 0: unknown
export const ROUTE_VARIANTS = 8; // u8, 1 to VARIANTS_MAX; 9 to 11 are zero
export const ROUTE_HEAD_BYTES = 12;

/**
 * The route is a redirect: run 3 ends inside the Location line, before its CRLF (the query goes
 * there).
 */
export const ROUTE_FLAG_REDIRECT = 1;
/**
 * The key is the path of a file of the site, which this route answers with; a redirect, the path
 * it leads to. Only tools read it: the other paths of a file are its aliases.
 */
export const ROUTE_FLAG_FILE = 2;
/** The Location of the redirect has a query of its own: that of the request is not added. */
export const ROUTE_FLAG_OWN_QUERY = 4;
/** The status is 404: the page is what the site has instead. */
export const ROUTE_FLAG_MISSING = 8;

export const VARIANT_CODING = 0; // u8, CODING_*; 1 is zero
export const VARIANT_STATUS_BYTES = 2; // u16, run 1: status line
export const VARIANT_COMMON_BYTES = 4; // u16, run 2: fields that a 304 repeats
export const VARIANT_CONTENT_BYTES = 6; // u16, run 3: fields of the content that a 304 leaves out
export const VARIANT_LENGTH_BYTES = 8; // u16, run 4: the Content-Length line
export const VARIANT_ETAG_AT = 10; // u16, into the header block, at the opening quote; 0: none
export const VARIANT_ETAG_BYTES = 12; // u16, with both quotes
export const VARIANT_TYPE_AT = 14; // u16, into the header block, at the Content-Type line; 0: none
export const VARIANT_TYPE_BYTES = 16; // u16, with its CRLF
export const VARIANT_SHARING_BYTES = 18; // u16, at the end of run 2: Access-Control-* lines
export const VARIANT_HEAD_AT = 20; // u32, absolute: the header block
export const VARIANT_BODY_AT = 24; // u32, absolute: the body
export const VARIANT_BODY_BYTES = 28; // u32
export const VARIANT_BYTES = 32;
export const VARIANTS_MAX = 4;

export const CODING_IDENTITY = 0;
export const CODING_GZIP = 1;
export const CODING_BR = 2;
export const CODING_ZSTD = 3;
/** Indexed by CODING_*; the names of the IANA content coding registry. */
export const CODING_NAMES = ['identity', 'gzip', 'br', 'zstd'] as const;

/** One header block: its four runs together. */
export const HEAD_BLOCK_BYTES_MAX = 16_384;
/** Sites by host: bounded so that a manifest is. */
export const HOSTS_MAX = 1_000;
/** A key is bounded so that a request target can always reach it. */
export const KEY_BYTES_MAX = 8_192;
/**
 * Table of rules: their number, then one behind another, in the order in which they are tried. A
 * rule is a head, segments, pieces, and perhaps a route record.
 */
export const RULES_COUNT = 0; // u32, 1 to RULES_MAX
export const RULES_HEAD_BYTES = 4;
export const RULE_BYTES = 0; // u16, with its head: the next rule follows
export const RULE_PIECES_AT = 2; // u16, from the first byte of the rule
export const RULE_ROUTE_AT = 4; // u16, the same; RULE_BYTES: there is no route
export const RULE_KIND = 6; // u8, RULE_KIND_*
export const RULE_SEGMENTS = 7; // u8, 0 to RULE_SEGMENTS_MAX
export const RULE_SPLAT = 8; // u8, 1: any rest may follow, which is the last capture; 0: none may
export const RULE_PIECES = 9; // u8; 10 and 11 are zero
export const RULE_HEAD_BYTES = 12;

/** The answer is the rule's route. */
export const RULE_KIND_ROUTE = 0;
/** The answer is the rule's redirect; its pieces are the value of Location. */
export const RULE_KIND_LOCATION = 1;
/** The pieces are a path of the same site, whose route is the answer. */
export const RULE_KIND_LOOKUP = 2;

/** A segment: its length and its bytes; of length 0, any segment, which is captured. */
export const SEGMENT_BYTES = 0; // u16
export const SEGMENT_HEAD_BYTES = 2;

/** A piece of a Location or a path. */
export const PIECE_KIND = 0; // u8, PIECE_KIND_*
export const PIECE_CAPTURE = 1; // u8, which one; 0 where the kind has none
export const PIECE_BYTES = 2; // u16, of the text that follows; 0 where the kind has none
export const PIECE_HEAD_BYTES = 4;
export const PIECE_KIND_TEXT = 0;
/** A capture; in a Location escaped as in a path. */
export const PIECE_KIND_CAPTURE = 1;
/** A capture, escaped so that it adds no parameter to a query. */
export const PIECE_KIND_PARAMETER = 2;
/** The query of the request, with its '?'. */
export const PIECE_KIND_QUERY = 3;

/** Rules of one site: bounded because each request for nothing goes through them. */
export const RULES_MAX = 1_000;
/** Of the path of a rule, a rest not counted. */
export const RULE_SEGMENTS_MAX = 64;
/** Of one rule, the rest included. */
export const RULE_CAPTURES_MAX = 16;
/** Text in all pieces of a rule. */
export const RULE_TEXT_BYTES_MAX = 2_048;
