// fill.ts: stores a plan's bodies, header blocks, hosts and routes, in this order and each in the
// order of the keys.
//
// One pass over the site; of a file only offsets, digests and its time stay in memory.
import { join } from 'node:path';
import {
  CODING_IDENTITY,
  CODING_NAMES,
  KEY_FALLBACK_PREFIX,
  KEY_REWRITE_PREFIX,
} from '../src/format/layout.ts';
import { encodeRoute } from '../src/format/route.ts';
import type { Route, Variant } from '../src/format/route.ts';
import { NO_STORE, cacheControl } from './caching.ts';
import { encodeBody } from './encode.ts';
import type { Coded, Coder } from './encode.ts';
import { contentHead, etagOf, redirectHead } from './headers.ts';
import type { Fields, HeadBlock } from './headers.ts';
import { isCompressible, mediaType } from './media.ts';
import { modifiedSeconds } from './modified.ts';
import type { ModifiedPolicy } from './modified.ts';
import { mapOrdered } from './ordered.ts';
import type { Plan } from './plan.ts';
import { readStable } from './read.ts';
import type { SiteFile } from './scan.ts';
import { sha256 } from './store.ts';
import type { Store } from './store.ts';
import { keyPrefix } from './target.ts';

export interface FillOptions {
  readonly coders: readonly Coder[];
  readonly security: Fields;
  readonly modified: ModifiedPolicy;
  /** Bodies compressed at one time. */
  readonly jobs: number;
  /** Called when a file is stored. */
  onFile(file: SiteFile): void;
}

export interface CodingTotal {
  readonly name: string;
  /** Files that are served in this coding, as one of theirs. */
  files: number;
  /** Stored bodies; one that was there already, in whatever coding, is not counted again. */
  bodies: number;
  bytes: number;
}

export interface Totals {
  /** Bytes of all files of the site as they were read. */
  siteBytes: number;
  /** Files whose content another file has, and their bytes. */
  readonly duplicates: { files: number; bytes: number };
  /** Stored bodies, by CODING_*. */
  readonly codings: readonly CodingTotal[];
}

const BYTES_IN_FLIGHT_MAX = 128 * 1024 * 1024;

interface StoredVariant {
  readonly coding: number;
  readonly at: number;
  readonly bytes: number;
  /** SHA-256 of the stored bytes as text in latin1. */
  readonly digest: string;
}

interface StoredFile {
  readonly variants: readonly StoredVariant[];
  readonly modified: number;
}

/** A file read and encoded; `coded` is undefined when the same content has been stored already. */
interface Prepared {
  readonly file: SiteFile;
  readonly modifiedMs: number;
  readonly bytes: number;
  /** Digest of the content, and whether codings were tried. */
  readonly content: string;
  readonly coded: readonly Coded[] | undefined;
}

interface Filling {
  readonly store: Store;
  readonly options: FillOptions;
  readonly totals: Totals;
  readonly contents: Map<string, readonly StoredVariant[]>;
  readonly files: Map<SiteFile, StoredFile>;
}

export function startTotals(): Totals {
  return {
    siteBytes: 0,
    duplicates: { files: 0, bytes: 0 },
    codings: CODING_NAMES.map((name) => ({ name, files: 0, bodies: 0, bytes: 0 })),
  };
}

/**
 * Adds to `totals` as it goes. Throws ArchiveFull, or the Failure of a file that cannot be read.
 */
export async function fillStore(
  store: Store,
  plan: Plan,
  options: FillOptions,
  totals: Totals,
): Promise<void> {
  const filling = { store, options, totals, contents: new Map(), files: new Map() };
  await addBodies(filling, plan);
  addRoutes(filling, plan);
}

async function addBodies(filling: Filling, plan: Plan): Promise<void> {
  const { options } = filling;
  const bounds = { itemsMax: options.jobs, costMax: BYTES_IN_FLIGHT_MAX };
  const prepared = mapOrdered(
    plan.files,
    bounds,
    (file) => file.bytes,
    (file) => prepare(filling, file),
  );
  for await (const file of prepared) {
    addFile(filling, file);
    options.onFile(file.file);
  }
}

async function prepare({ contents, options }: Filling, file: SiteFile): Promise<Prepared> {
  const { bytes, modifiedMs } = readStable(join(file.site.root, file.path));
  const coders = isCompressible(mediaType(file.path)) ? options.coders : [];
  const content = `${sha256(bytes).toString('latin1')}${coders.length > 0 ? 'c' : 'i'}`;
  const coded = contents.has(content) ? undefined : await encodeBody(bytes, coders);
  return { file, modifiedMs, bytes: bytes.length, content, coded };
}

function addFile(filling: Filling, prepared: Prepared): void {
  const { contents, options, totals } = filling;
  const { file, modifiedMs, bytes, content, coded } = prepared;
  const modified = modifiedSeconds(options.modified, modifiedMs);
  totals.siteBytes += bytes;
  const known = contents.get(content);
  if (known) {
    totals.duplicates.files++;
    totals.duplicates.bytes += bytes;
    setFile(filling, file, { variants: known, modified });
    return;
  }
  const identity = Buffer.from(content.slice(0, -1), 'latin1');
  const variants = coded!.map((body) => {
    const digest = body.coding === CODING_IDENTITY ? identity : sha256(body.bytes);
    return addVariant(filling, body, digest);
  });
  contents.set(content, variants);
  setFile(filling, file, { variants, modified });
}

function setFile({ files, totals }: Filling, file: SiteFile, stored: StoredFile): void {
  files.set(file, stored);
  for (const { coding } of stored.variants) totals.codings[coding]!.files++;
}

function addVariant({ store, totals }: Filling, body: Coded, digest: Buffer): StoredVariant {
  const { at, fresh } = store.addBody(body.bytes, digest);
  if (fresh) {
    const total = totals.codings[body.coding]!;
    total.bodies++;
    total.bytes += body.bytes.length;
  }
  const { coding, bytes } = body;
  return { coding, at, bytes: bytes.length, digest: digest.toString('latin1') };
}

/** All header blocks, then all routes: the records that a lookup touches lie close together. */
function addRoutes(filling: Filling, plan: Plan): void {
  const { store } = filling;
  const found = new Map<SiteFile, Route>();
  const ofFile = (file: SiteFile, own: boolean) => {
    const route = found.get(file) ?? fileRoute(filling, file, 200);
    found.set(file, route);
    return encodeRoute({ ...route, file: own });
  };
  const records: (readonly [key: string, record: Uint8Array])[] = [];
  for (const route of plan.routes) {
    const { own } = route;
    const record =
      route.kind === 'file' ? ofFile(route.file, own) : redirectRecord(filling, route.to, own);
    records.push([route.key, record]);
  }
  for (const { folder, file } of plan.fallbacks) {
    records.push([KEY_FALLBACK_PREFIX + folder, encodeRoute(fileRoute(filling, file, 404))]);
  }
  for (const { folder, file } of plan.rewrites) {
    records.push([KEY_REWRITE_PREFIX + folder, ofFile(file, false)]);
  }
  for (const host of plan.hosts) store.add(Buffer.from(keyPrefix(host)), new Uint8Array(0));
  for (const [key, record] of records) store.add(Buffer.from(key), record);
}

function fileRoute(filling: Filling, file: SiteFile, status: 200 | 404): Route {
  const { variants, modified } = filling.files.get(file)!;
  const type = mediaType(file.path);
  const found = status === 200;
  const time = found ? modified : 0;
  return {
    status,
    redirect: false,
    file: false,
    modified: time,
    variants: variants.map(({ coding, at, bytes, digest }) => {
      const block = contentHead({
        status,
        cacheControl: found ? cacheControl(file.path) : NO_STORE,
        etag: found ? etagOf(Buffer.from(digest, 'latin1'), coding, type) : undefined,
        varies: variants.length > 1,
        modified: time,
        coding,
        type,
        bodyBytes: bytes,
        security: filling.options.security,
      });
      return variantOf(filling, block, { coding, bodyAt: at, bodyBytes: bytes });
    }),
  };
}

function redirectRecord(filling: Filling, to: string, file: boolean): Uint8Array {
  const block = redirectHead(308, to, filling.options.security);
  const empty = { coding: CODING_IDENTITY, bodyAt: 0, bodyBytes: 0 };
  const variants = [variantOf(filling, block, empty)];
  return encodeRoute({ status: 308, redirect: true, file, modified: 0, variants });
}

function variantOf(
  filling: Filling,
  block: HeadBlock,
  body: Pick<Variant, 'coding' | 'bodyAt' | 'bodyBytes'>,
): Variant {
  return { ...block, ...body, headAt: filling.store.addHead(block) };
}
