// rules.ts: the table of rules as objects, for packing, checking and tools. The hot loop reads the
// bytes themselves.
import {
  PIECE_BYTES,
  PIECE_CAPTURE,
  PIECE_HEAD_BYTES,
  PIECE_KIND,
  RULES_COUNT,
  RULES_HEAD_BYTES,
  RULES_MAX,
  RULE_BYTES,
  RULE_HEAD_BYTES,
  RULE_KIND,
  RULE_PIECES,
  RULE_PIECES_AT,
  RULE_ROUTE_AT,
  RULE_SEGMENTS,
  RULE_SPLAT,
  SEGMENT_BYTES,
  SEGMENT_HEAD_BYTES,
} from './layout.ts';

export interface RulePiece {
  /** PIECE_KIND_* */
  readonly kind: number;
  readonly capture: number;
  readonly text: string;
}

export interface Rule {
  /** RULE_KIND_* */
  readonly kind: number;
  /** Decoded; '' is any one segment, which is captured. */
  readonly segments: readonly string[];
  readonly splat: boolean;
  readonly pieces: readonly RulePiece[];
  /** Empty: there is none. */
  readonly route: Uint8Array;
}

/** Throws a RangeError where a number does not fit its field: the packer's own fault. */
export function encodeRules(rules: readonly Rule[]): Uint8Array {
  const count = Buffer.alloc(RULES_HEAD_BYTES);
  count.writeUInt32LE(rules.length, RULES_COUNT);
  return Buffer.concat([count, ...rules.map(encodeRule)]);
}

function encodeRule({ kind, segments, splat, pieces, route }: Rule): Uint8Array {
  const pattern = Buffer.concat(segments.map(encodeSegment));
  const template = Buffer.concat(pieces.map(encodePiece));
  const head = Buffer.alloc(RULE_HEAD_BYTES);
  const piecesAt = RULE_HEAD_BYTES + pattern.length;
  const routeAt = piecesAt + template.length;
  head.writeUInt16LE(routeAt + route.length, RULE_BYTES);
  head.writeUInt16LE(piecesAt, RULE_PIECES_AT);
  head.writeUInt16LE(routeAt, RULE_ROUTE_AT);
  head.writeUInt8(kind, RULE_KIND);
  head.writeUInt8(segments.length, RULE_SEGMENTS);
  head.writeUInt8(splat ? 1 : 0, RULE_SPLAT);
  head.writeUInt8(pieces.length, RULE_PIECES);
  return Buffer.concat([head, pattern, template, route]);
}

function encodeSegment(segment: string): Uint8Array {
  const bytes = Buffer.from(segment);
  const head = Buffer.alloc(SEGMENT_HEAD_BYTES);
  head.writeUInt16LE(bytes.length, SEGMENT_BYTES);
  return Buffer.concat([head, bytes]);
}

function encodePiece({ kind, capture, text }: RulePiece): Uint8Array {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(PIECE_HEAD_BYTES);
  head.writeUInt8(kind, PIECE_KIND);
  head.writeUInt8(capture, PIECE_CAPTURE);
  head.writeUInt16LE(bytes.length, PIECE_BYTES);
  return Buffer.concat([head, bytes]);
}

/** The rules, or what is wrong with the record in words that follow "refused:". */
export function decodeRules(bytes: Uint8Array): readonly Rule[] | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < RULES_HEAD_BYTES) return `${bytes.length} bytes are too short for rules`;
  const count = view.getUint32(RULES_COUNT, true);
  if (count < 1 || count > RULES_MAX) return `${count} rules, not 1 to ${RULES_MAX}`;
  const rules: Rule[] = [];
  let at = RULES_HEAD_BYTES;
  while (rules.length < count) {
    const room = bytes.length - at;
    const length = room < RULE_HEAD_BYTES ? 0 : view.getUint16(at + RULE_BYTES, true);
    const cut = length < RULE_HEAD_BYTES || length > room;
    const rule = cut ? 'it is cut short' : decodeRule(bytes.subarray(at, at + length));
    if (typeof rule === 'string') return `rule ${rules.length + 1}: ${rule}`;
    rules.push(rule);
    at += length;
  }
  return at === bytes.length ? rules : `${bytes.length - at} bytes after the last rule`;
}

/** `bytes` are the whole rule and have room for its head. */
function decodeRule(bytes: Uint8Array): Rule | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const piecesAt = view.getUint16(RULE_PIECES_AT, true);
  const routeAt = view.getUint16(RULE_ROUTE_AT, true);
  if (piecesAt < RULE_HEAD_BYTES || routeAt < piecesAt || routeAt > bytes.length) {
    return `pieces at ${piecesAt} and a route at ${routeAt} of ${bytes.length} bytes`;
  }
  const splat = view.getUint8(RULE_SPLAT);
  if (splat > 1 || (bytes[RULE_PIECES + 1]! | bytes[RULE_PIECES + 2]!) !== 0) {
    return 'bytes that must be zero are not';
  }
  const pattern = bytes.subarray(RULE_HEAD_BYTES, piecesAt);
  const segments = decodeSegments(pattern, view.getUint8(RULE_SEGMENTS));
  if (typeof segments === 'string') return segments;
  const pieces = decodePieces(bytes.subarray(piecesAt, routeAt), view.getUint8(RULE_PIECES));
  if (typeof pieces === 'string') return pieces;
  const kind = view.getUint8(RULE_KIND);
  return { kind, segments, splat: splat === 1, pieces, route: bytes.subarray(routeAt) };
}

function decodeSegments(bytes: Uint8Array, count: number): readonly string[] | string {
  const segments: string[] = [];
  const end = decodeParts(bytes, count, SEGMENT_HEAD_BYTES, SEGMENT_BYTES, (_, text) => {
    segments.push(text);
  });
  return end ?? segments;
}

function decodePieces(bytes: Uint8Array, count: number): readonly RulePiece[] | string {
  const pieces: RulePiece[] = [];
  const end = decodeParts(bytes, count, PIECE_HEAD_BYTES, PIECE_BYTES, (head, text) => {
    pieces.push({ kind: head[PIECE_KIND]!, capture: head[PIECE_CAPTURE]!, text });
  });
  return end ?? pieces;
}

/** Texts behind their heads; gives what is wrong with them. */
function decodeParts(
  bytes: Uint8Array,
  count: number,
  headBytes: number,
  lengthAt: number,
  take: (head: Uint8Array, text: string) => void,
): string | undefined {
  let at = 0;
  for (let part = 0; part < count; part++) {
    const head = bytes.subarray(at, at + headBytes);
    if (head.length < headBytes) return 'segments or pieces are cut short';
    at += headBytes;
    const length = head[lengthAt]! + head[lengthAt + 1]! * 256;
    const stored = Buffer.from(bytes.subarray(at, at + length));
    if (stored.length < length) return 'segments or pieces are cut short';
    const text = stored.toString();
    if (!Buffer.from(text).equals(stored)) return 'text that is not UTF-8';
    take(head, text);
    at += length;
  }
  return at === bytes.length ? undefined : 'bytes between segments, pieces and route';
}
