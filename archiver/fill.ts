// fill.ts: stores a plan's bodies, then its hosts and routes in the order of their keys, each with
// the header blocks that are new with it.
//
// One pass over the site; of a file only the offsets of its bodies and its time stay in memory.
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
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
import type { ListedFile } from './file_list.ts';
import { BlockTooLong, contentHead, editedType, etagOf, redirectHead } from './headers.ts';
import type { Fields, HeadBlock } from './headers.ts';
import { isCompressible, mediaType } from './media.ts';
import { modifiedSeconds } from './modified.ts';
import type { ModifiedPolicy } from './modified.ts';
import { mapOrdered } from './ordered.ts';
import type { Plan } from './plan.ts';
import { readStable } from './read.ts';
import type { Edits, HeaderRules } from './rules/header_rules.ts';
import { StoredFiles } from './stored_files.ts';
import { sha256 } from './store.ts';
import type { Store } from './store.ts';
import { keyPrefix } from './target.ts';
import type { Packing, Watch } from './follow.ts';

export interface FillOptions {
  readonly coders: readonly Coder[];
  readonly security: Fields;
  readonly headers: HeaderRules;
  readonly modified: ModifiedPolicy;
  /** Bodies compressed at one time. */
  readonly jobs: number;
  readonly watch: Watch;
}

export interface CodingTotal {
  readonly name: string;
  /** Files that are served in this coding, as one of theirs. */
  files: number;
  /** Stored bodies; one that was there already, in whatever coding, is not counted again. */
  bodies: number;
  bytes: number;
  /** Of the same bodies as they are in the site. */
  identityBytes: number;
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
const RECENT_ROUTES_MAX = 4_096;

/** A file read and encoded; `coded` is undefined when the same content has been stored already. */
interface Prepared {
  readonly file: ListedFile;
  readonly modifiedMs: number;
  readonly bytes: number;
  /** SHA-256 of the content. */
  readonly digest: Uint8Array;
  /** Whether codings were tried. */
  readonly manner: 'coded' | 'plain';
  readonly coded: readonly Coded[] | undefined;
  /** From the beginning of reading it to the end of coding it. */
  readonly seconds: number;
}

interface Filling {
  readonly store: Store;
  readonly options: FillOptions;
  readonly totals: Totals;
  readonly files: StoredFiles;
}

export function startTotals(): Totals {
  return {
    siteBytes: 0,
    duplicates: { files: 0, bytes: 0 },
    codings: CODING_NAMES.map((name) => ({
      name,
      files: 0,
      bodies: 0,
      bytes: 0,
      identityBytes: 0,
    })),
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
  const files = new StoredFiles(store, plan.files.length);
  const filling = { store, options, totals, files };
  await addFiles(filling, plan);
  options.watch.phase('writing', { items: plan.routes.length, bytes: 0 });
  addRoutes(filling, plan);
}

async function addFiles(filling: Filling, plan: Plan): Promise<void> {
  const { options } = filling;
  const { length, totalBytes } = plan.files;
  options.watch.phase('compressing', { items: length, bytes: totalBytes });
  const bounds = { itemsMax: options.jobs, costMax: BYTES_IN_FLIGHT_MAX };
  const prepared = mapOrdered(
    plan.files,
    bounds,
    (file) => file.bytes,
    (file) => prepare(filling, file),
  );
  for await (const file of prepared) {
    const fresh = addFile(filling, file);
    options.watch.file(packingOf(file, fresh));
    options.watch.step(file.file.bytes);
  }
}

async function prepare({ files, options }: Filling, file: ListedFile): Promise<Prepared> {
  const started = performance.now();
  const { bytes, modifiedMs } = readStable(join(file.site.root, file.path));
  const coders = isCompressible(mediaType(file.path)) ? options.coders : [];
  const manner = coders.length > 0 ? 'coded' : 'plain';
  const digest = sha256(bytes);
  const known = files.find(digest, manner) !== undefined;
  const coded = known ? undefined : await encodeBody(bytes, coders);
  const seconds = (performance.now() - started) / 1000;
  return { file, modifiedMs, bytes: bytes.length, digest, manner, coded, seconds };
}

function packingOf({ file, bytes, coded, seconds }: Prepared, fresh: boolean): Packing {
  const bodies = fresh ? coded! : [];
  const stored = bodies.map((body) => [CODING_NAMES[body.coding]!, body.bytes.length] as const);
  return { file, bytes, stored, seconds };
}

/** Gives whether its content was not there already. */
function addFile(filling: Filling, prepared: Prepared): boolean {
  const { files, options, totals } = filling;
  const { file, modifiedMs, bytes, digest, manner } = prepared;
  const known = files.find(digest, manner);
  if (known === undefined) files.add(file.index, addBodies(filling, prepared), digest, manner);
  else {
    files.share(file.index, known);
    totals.duplicates.files++;
    totals.duplicates.bytes += bytes;
  }
  files.setModified(file.index, modifiedSeconds(options.modified, modifiedMs));
  totals.siteBytes += bytes;
  for (const coding of files.codings(file.index)) totals.codings[coding]!.files++;
  return known === undefined;
}

/** Offsets by CODING_*. */
function addBodies(filling: Filling, { bytes: identityBytes, coded, digest }: Prepared) {
  const { store, totals } = filling;
  const bodies = new Map<number, number>();
  for (const { coding, bytes } of coded!) {
    const own = coding === CODING_IDENTITY ? digest : sha256(bytes);
    const { at, fresh } = store.addBody(bytes, own);
    bodies.set(coding, at);
    if (!fresh) continue;
    const total = totals.codings[coding]!;
    total.bodies++;
    total.bytes += bytes.length;
    total.identityBytes += identityBytes;
  }
  return bodies;
}

/** A header block stands before the first route that has it: a lookup touches both. */
function addRoutes(filling: Filling, plan: Plan): void {
  const { store, options } = filling;
  const { headers } = options;
  for (const host of plan.hosts) store.add(Buffer.from(keyPrefix(host)), new Uint8Array(0));
  const ofFile = recentRoutes(filling);
  for (const route of plan.routes) {
    const answer = { key: route.key, edits: headers.forKey(route.key) };
    const found = made(headers, answer, (edits) =>
      route.kind === 'file' ? ofFile(route.file, edits) : redirectRoute(filling, route.to, edits),
    );
    addRoute(store, route.key, { ...found, file: route.own });
    filling.options.watch.step(0);
  }
  for (const { folder, file } of plan.fallbacks) {
    const answer = { key: folder, edits: headers.forFolder(folder) };
    const found = made(headers, answer, (edits) => fileRoute(filling, file, 404, edits));
    addRoute(store, KEY_FALLBACK_PREFIX + folder, found);
  }
  for (const { folder, file } of plan.rewrites) {
    const answer = { key: folder, edits: headers.forFolder(folder) };
    const found = made(headers, answer, (edits) => ofFile(file, edits));
    addRoute(store, KEY_REWRITE_PREFIX + folder, found);
  }
}

interface Answer {
  readonly key: string;
  readonly edits: Edits;
}

/** Throws a Failure that names the lines of `_headers` that make the headers too long. */
function made(headers: HeaderRules, { key, edits }: Answer, make: (edits: Edits) => Route): Route {
  try {
    return make(edits);
  } catch (error) {
    throw error instanceof BlockTooLong ? headers.overflow(key, edits, error.bytes) : error;
  }
}

function addRoute(store: Store, key: string, route: Route): void {
  store.add(Buffer.from(key), encodeRoute(route));
}

/** The paths of a file mostly stand close together: its route is made once for them. */
function recentRoutes(filling: Filling): (file: ListedFile, edits: Edits) => Route {
  const recent = new Map<number, { edits: Edits; route: Route }>();
  return (file, edits) => {
    const last = recent.get(file.index);
    if (last?.edits === edits) return last.route;
    const route = fileRoute(filling, file, 200, edits);
    if (recent.size === RECENT_ROUTES_MAX) recent.clear();
    recent.set(file.index, { edits, route });
    return route;
  };
}

function fileRoute(filling: Filling, file: ListedFile, status: 200 | 404, edits: Edits): Route {
  const variants = filling.files.variants(file.index);
  const type = editedType(edits, mediaType(file.path));
  const found = status === 200;
  const time = found ? filling.files.modified(file.index) : 0;
  return {
    status,
    redirect: false,
    ownQuery: false,
    file: false,
    modified: time,
    variants: variants.map(({ coding, at, bytes, digest }) => {
      const block = contentHead({
        status,
        cacheControl: found ? cacheControl(file.path) : NO_STORE,
        etag: found ? etagOf(digest, coding, type) : undefined,
        varies: variants.length > 1,
        modified: time,
        coding,
        type,
        bodyBytes: bytes,
        security: filling.options.security,
        edits,
      });
      return variantOf(filling, block, { coding, bodyAt: at, bodyBytes: bytes });
    }),
  };
}

function redirectRoute(filling: Filling, to: string, edits: Edits): Route {
  const block = redirectHead(308, to, { security: filling.options.security, edits });
  const empty = { coding: CODING_IDENTITY, bodyAt: 0, bodyBytes: 0 };
  const variants = [variantOf(filling, block, empty)];
  return { status: 308, redirect: true, ownQuery: false, file: false, modified: 0, variants };
}

function variantOf(
  filling: Filling,
  block: HeadBlock,
  body: Pick<Variant, 'coding' | 'bodyAt' | 'bodyBytes'>,
): Variant {
  return { ...block, ...body, headAt: filling.store.addHead(block) };
}
