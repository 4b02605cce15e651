// archive.ts: reads a whole archive once and refuses it unless every byte is in its place.
//
// After verifyArchive() a lookup needs no check of any offset, length or header. No byte makes it
// throw anything but a Failure, and its time grows with the file alone.
import {
  CDB_HEADER_BYTES,
  CDB_RECORD_HEAD_BYTES,
  CODING_NAMES,
  KEY_BODY_PREFIX,
  KEY_BYTES_MAX,
  KEY_DIGEST_BYTES,
  KEY_HEAD_PREFIX,
  ROUTE_FLAGS,
  ROUTE_FLAG_FILE,
} from '../format/layout.ts';
import { parseManifest } from '../format/manifest.ts';
import type { Manifest } from '../format/manifest.ts';
import { wordsOf } from '../format/source.ts';
import type { Source, Words } from '../format/source.ts';
import { checkCdb, findRecords } from './cdb.ts';
import { digestArchive, digestSpan } from './digest.ts';
import { checkSite } from './hosts.ts';
import type { Sites } from './hosts.ts';
import {
  CHANGED,
  NO_ARCHIVE,
  PACK_AGAIN,
  asBuffer,
  describeKey,
  kindOf,
  refusal,
} from './refusal.ts';
import type { RecordKind, RouteKind } from './refusal.ts';
import { checkRoute } from './routes.ts';
import type { Archive } from './routes.ts';
import { Spans } from './spans.ts';
import { checkRules } from './wildcards.ts';
import type { FoundRules } from './wildcards.ts';

const MANIFEST_BYTES_MAX = 1024 * 1024;
const SLASH = 0x2f;

interface Contents {
  readonly name: string;
  readonly bytes: Source;
  readonly view: Words;
  readonly records: Uint32Array;
}

type Counts = { readonly [kind in RecordKind]: number };

/** Is told how many bytes more are found sound, and called often. */
export type Verified = (bytes: number) => void;
const UNTOLD: Verified = () => undefined;

/**
 * Checks the whole file; throws a Failure (archiveRefused) that names the record and the reason.
 */
export function verifyArchive(bytes: Source, name: string, verified = UNTOLD): Manifest {
  const contents = openContents(bytes, name, checkCdb(bytes, name));
  checkDigests(contents, verified);
  return checkContents(contents);
}

/**
 * Half of verifyArchive(), and verifyStructure() is the other: two threads may look at one file.
 * `from`: what verifyBegun() gave, for the values before it.
 */
export function verifyDigests(bytes: Source, name: string, verified = UNTOLD, from = 0): void {
  checkDigests(openContents(bytes, name, checkCdb(bytes, name)), verified, from);
}

/** For a file that is still being written: where the records end whose values are sound. */
export function verifyBegun(bytes: Source, name: string): number {
  const view = wordsOf(bytes);
  for (let at = CDB_HEADER_BYTES; ;) {
    const keyAt = at + CDB_RECORD_HEAD_BYTES;
    const valueAt = keyAt <= bytes.length ? keyAt + view.getUint32(at, true) : keyAt;
    const end = valueAt <= bytes.length ? valueAt + view.getUint32(at + 4, true) : valueAt;
    if (end > bytes.length) return at;
    checkValue({ bytes, name }, { key: bytes.subarray(keyAt, valueAt), valueAt, end });
    at = end;
  }
}

/** The other half. */
export function verifyStructure(bytes: Source, name: string): Manifest {
  return checkContents(openContents(bytes, name, findRecords(bytes, name)));
}

function openContents(bytes: Source, name: string, records: Uint32Array): Contents {
  return { name, bytes, view: wordsOf(bytes), records };
}

/** Of the archive, and of each body and header block from an offset on. */
function checkDigests(contents: Contents, verified: Verified, from = 0): void {
  const { bytes, name, records } = contents;
  const { manifest, manifestAt } = readManifest(contents);
  if (digestArchive(bytes, manifestAt) !== manifest.digest) {
    throw refusal(name, 'its digest', 'the bytes are not those that were packed', CHANGED);
  }
  for (const at of records) {
    const record = recordAt(contents, at);
    verified(record.end - at);
    if (at >= from) checkValue(contents, record);
  }
}

/** Of a body or a header block: the others have no digest of their own. */
function checkValue(
  { bytes, name }: Pick<Contents, 'bytes' | 'name'>,
  { key, valueAt, end }: CdbRecord,
): void {
  if (key.length !== KEY_DIGEST_BYTES) return;
  if (key[0] !== KEY_BODY_PREFIX && key[0] !== KEY_HEAD_PREFIX) return;
  if (digestSpan(bytes, valueAt, end) === asBuffer(key).toString('latin1', 1)) return;
  throw refusal(name, describeKey(key), 'its bytes have another digest', CHANGED);
}

function checkContents(contents: Contents): Manifest {
  const { manifest } = readManifest(contents);
  const kinds = checkKinds(contents, manifest);
  checkStored(contents, manifest, kinds.counts);
  const { hosts, defaultSite } = manifest;
  const found = checkRoutes(contents, kinds, { hosts: new Set(hosts), defaultSite });
  checkCounts(contents, manifest, kinds.counts, found);
  return manifest;
}

function readManifest(contents: Contents): { manifest: Manifest; manifestAt: number } {
  const { name } = contents;
  for (const at of contents.records) {
    const { key, valueAt, end } = recordAt(contents, at);
    if (kindOf(key) !== 'manifest') continue;
    const tooLong = end - valueAt > MANIFEST_BYTES_MAX;
    const value = () => contents.bytes.subarray(valueAt, end);
    const manifest = tooLong ? 'it is too long' : parseManifest(value());
    if (typeof manifest !== 'string') return { manifest, manifestAt: valueAt };
    throw refusal(name, 'record "cdbsite"', manifest, 'Pack again with this version.');
  }
  const what = 'a CDB of another program: it has no record "cdbsite"';
  throw refusal(name, '', what, NO_ARCHIVE);
}

interface Kinds extends Archive {
  readonly counts: Counts;
  /** Records that are neither bodies nor header blocks. */
  readonly others: Uint32Array;
}

/** Learns where what is stored is. */
function checkKinds(contents: Contents, manifest: Manifest): Kinds {
  const { bytes, records } = contents;
  const bodies = new Spans(Math.min(manifest.bodies, records.length));
  const heads = new Spans(Math.min(manifest.heads, records.length));
  const stored = { manifest: 0, rules: 0, body: 0, head: 0, host: 0, unknown: 0 };
  const counts = { ...stored, route: 0, fallback: 0, rewrite: 0 };
  // In the same memory: whoever verifies has little, and does not need the others again.
  const others = records.subarray();
  let count = 0;
  for (const at of records) {
    const { key, valueAt, end } = recordAt(contents, at);
    const kind = kindOf(key);
    counts[kind]++;
    if (kind === 'unknown') {
      throw refusal(contents.name, describeKey(key), 'a record of unknown kind', PACK_AGAIN);
    }
    if (key.length > KEY_BYTES_MAX) {
      throw refusal(contents.name, describeKey(key), `a key of ${key.length} bytes`, PACK_AGAIN);
    }
    if (kind === 'body') bodies.add(valueAt, end - valueAt);
    else if (kind === 'head') heads.add(valueAt, end - valueAt);
    else others[count++] = at;
  }
  return { bytes, bodies, heads, counts, others: others.subarray(0, count) };
}

/** What all routes together have. */
interface Found {
  /** Bits by CODING_*. */
  readonly codings: number;
  /** Routes with ROUTE_FLAG_FILE. */
  readonly files: number;
  /** In all tables of rules. */
  readonly rules: number;
}

function checkRoutes(contents: Contents, kinds: Kinds, sites: Sites): Found {
  let codings = 0;
  let files = 0;
  let rules = 0;
  for (const at of kinds.others) {
    const { key, valueAt, end } = recordAt(contents, at);
    const kind = kindOf(key);
    const check = CHECKS[kind];
    if (!check) continue;
    const value = contents.bytes.subarray(valueAt, end);
    const found = checkSite(sites, key, kind) ?? check(kinds, key, value);
    if (typeof found === 'string') {
      throw refusal(contents.name, describeKey(key), found, PACK_AGAIN);
    }
    codings |= found.codings;
    rules += found.rules;
    if (kind === 'route' && (value[ROUTE_FLAGS]! & ROUTE_FLAG_FILE) !== 0) files++;
  }
  return { codings, files, rules };
}

type Check = (archive: Archive, key: Uint8Array, value: Uint8Array) => FoundRules | string;

/** Of records that belong to a site. */
const CHECKS: { readonly [kind in RecordKind]?: Check } = {
  route: (archive, _, value) => withoutRules(checkRoute(archive, value, 'route')),
  fallback: (archive, key, value) => checkFolder(archive, key, value, 'fallback'),
  rewrite: (archive, key, value) => checkFolder(archive, key, value, 'rewrite'),
  rules: (archive, _, value) => checkRules(archive, value),
  // The mark of a host is its key alone.
  host: (_, __, value) =>
    value.length === 0 ? withoutRules(0) : `a value of ${value.length} bytes, not none`,
};

function withoutRules(codings: number | string): FoundRules | string {
  return typeof codings === 'string' ? codings : { codings, rules: 0 };
}

function checkFolder(
  archive: Archive,
  key: Uint8Array,
  value: Uint8Array,
  kind: RouteKind,
): FoundRules | string {
  return key.at(-1) === SLASH ? withoutRules(checkRoute(archive, value, kind)) : 'no directory';
}

/** Before anything is looked up in tables that are as long as the manifest says. */
function checkStored({ name }: Contents, { bodies, heads }: Manifest, counts: Counts): void {
  expectSame(name, [
    ['bodies', bodies, counts.body],
    ['heads', heads, counts.head],
  ]);
}

function checkCounts(
  { name }: Contents,
  manifest: Manifest,
  counts: Counts,
  { codings, files, rules }: Found,
): void {
  const names = CODING_NAMES.filter((_, coding) => coding > 0 && (codings & (1 << coding)) !== 0);
  expectSame(name, [
    ['files', manifest.files, files],
    ['routes', manifest.routes, counts.route],
    ['fallbacks', manifest.fallbacks, counts.fallback],
    ['rewrites', manifest.rewrites, counts.rewrite],
    ['rules', manifest.rules, rules],
    ['codings', manifest.codings.join(), names.join()],
    ['hosts', manifest.hosts.length, counts.host],
  ]);
}

function expectSame(
  name: string,
  pairs: readonly (readonly [what: string, said: unknown, found: unknown])[],
): void {
  for (const [what, said, found] of pairs) {
    if (said === found) continue;
    const text = `${what}: it says ${said}, the archive has ${found}`;
    throw refusal(name, 'record "cdbsite"', text, PACK_AGAIN);
  }
}

interface CdbRecord {
  readonly key: Uint8Array;
  /** The value goes from here to `end`; a body is read in parts. */
  readonly valueAt: number;
  readonly end: number;
}

function recordAt({ bytes, view }: Contents, at: number): CdbRecord {
  const keyAt = at + CDB_RECORD_HEAD_BYTES;
  const valueAt = keyAt + view.getUint32(at, true);
  const end = valueAt + view.getUint32(at + 4, true);
  return { key: bytes.subarray(keyAt, valueAt), valueAt, end };
}
