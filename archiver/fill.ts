// fill.ts: stores a plan's bodies; fill_routes.ts makes routes of them.
//
// One pass over the site; of a file only the offsets of its bodies and its time stay in memory.
import { join } from 'node:path';
import { CODING_NAMES } from '../src/format/layout.ts';
import { batches } from './batches.ts';
import type { Batch } from './batches.ts';
import { recipesFor } from './effort.ts';
import type { CodingName, Effort, Recipe } from './effort.ts';
import { encodeBodies } from './encode.ts';
import type { Encoded, Workshop } from './encode.ts';
import type { ListedFile } from './file_list.ts';
import { isCompressible, mediaType } from './media.ts';
import { modifiedSeconds } from './modified.ts';
import type { ModifiedPolicy } from './modified.ts';
import { mapOrdered } from './ordered.ts';
import type { Plan } from './plan.ts';
import { readDigested } from './read.ts';
import type { DigestedContent } from './read.ts';
import { StoredFiles } from './stored_files.ts';
import type { Store } from './store.ts';
import type { Packing, Watch } from './follow.ts';

export interface FillOptions {
  readonly effort: Effort;
  readonly codings: readonly CodingName[];
  readonly workshop: Workshop;
  readonly modified: ModifiedPolicy;
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
  /** Codings that the cache was asked for, and those it had; none without a cache. */
  readonly cache: { asked: number; found: number };
  /** Stored bodies, by CODING_*. */
  readonly codings: readonly CodingTotal[];
}

/** What a file waits for in memory: its turn. A longer one goes alone. */
const BYTES_IN_FLIGHT_MAX = 256 * 1024 * 1024;
const BATCHES_IN_FLIGHT_MAX = 256;
/** A message costs as much as reading a small file does. */
const BATCH_BYTES_MAX = 1024 * 1024;

/** A file as it was read, and what is to be done with it. */
interface Content extends DigestedContent {
  readonly file: ListedFile;
  readonly recipes: readonly Recipe[];
  /** Whether codings are tried. */
  readonly manner: 'coded' | 'plain';
  /** Nobody has or makes this content in this manner. */
  readonly isFresh: boolean;
}

/** A file read and encoded; no longer `encoded` when the same content is there already. */
interface Prepared {
  readonly content: Omit<Content, 'bytes'>;
  readonly bytes: number;
  readonly encoded: Encoded | undefined;
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
    cache: { asked: 0, found: 0 },
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
 * The largest first: a long one must not begin when all others are done. Adds to `totals` as it
 * goes; the pool is not asked again. Throws ArchiveFull, or the Failure of a file that cannot be
 * read.
 */
export async function storeFiles(
  store: Store,
  plan: Plan,
  options: FillOptions,
  totals: Totals,
): Promise<StoredFiles> {
  const files = new StoredFiles(store, plan.files.length);
  const filling = { store, options, totals, files };
  const bodies = 1 + options.codings.length;
  const { length, totalBytes } = plan.files;
  options.watch.phase('compressing', { items: length, bytes: totalBytes });
  const prepared = mapOrdered(
    batches(plan.files.largestFirst(), BATCH_BYTES_MAX),
    { itemsMax: BATCHES_IN_FLIGHT_MAX, costMax: BYTES_IN_FLIGHT_MAX },
    (batch) => batch.bytes * bodies,
    (batch) => prepare(filling, batch),
  );
  for await (const batch of prepared) {
    for (const file of batch) {
      const fresh = addFile(filling, file);
      options.watch.file(packingOf(file, fresh));
      options.watch.step(file.content.file.bytes);
    }
  }
  // Its threads end while the routes are made.
  void options.workshop.pool.close();
  return files;
}

/** Batches are read in their order, so that contents are claimed in the order of the files. */
async function prepare(
  { options, files }: Filling,
  { items }: Batch<ListedFile>,
): Promise<readonly Prepared[]> {
  const paths = items.map(({ site, path }) => join(site.root, path));
  const read = await options.workshop.reader.read(paths);
  const contents = items.map((file, at): Content => {
    const content = read[at] ?? readDigested(paths[at]!);
    const recipes = recipesOf(options, file.path, content.bytes.length);
    const manner = recipes.length > 0 ? 'coded' : 'plain';
    return { ...content, file, recipes, manner, isFresh: files.claim(content.digest, manner) };
  });
  return encodeFresh(contents, options.workshop);
}

async function encodeFresh(
  contents: readonly Content[],
  workshop: Workshop,
): Promise<readonly Prepared[]> {
  const sizes = contents.map(({ bytes }) => bytes.length);
  const fresh = contents.filter(({ isFresh }) => isFresh);
  const wishes = fresh.map(({ recipes, ...body }) => ({ body, recipes }));
  const encoded = (await encodeBodies(wishes, workshop)).values();
  return contents.map((content, at) => {
    const made = content.isFresh ? encoded.next().value : undefined;
    return { content, bytes: sizes[at]!, encoded: made };
  });
}

function recipesOf({ effort, codings }: FillOptions, path: string, bytes: number) {
  return isCompressible(mediaType(path)) ? recipesFor(effort, codings, bytes) : [];
}

function packingOf({ content: { file }, bytes, encoded }: Prepared, fresh: boolean): Packing {
  const bodies = fresh ? encoded!.bodies : [];
  const stored = bodies.map((body) => [CODING_NAMES[body.coding]!, body.bytes.length] as const);
  return { file, bytes, stored, seconds: encoded?.seconds ?? 0 };
}

/** Gives whether its content was not there already. */
function addFile(filling: Filling, prepared: Prepared): boolean {
  const { files, options, totals } = filling;
  const { content, bytes } = prepared;
  const { file, modifiedMs, digest, manner } = content;
  const known = files.find(digest, manner);
  if (known === undefined) {
    files.add(file.index, addBodies(filling, prepared), digest, manner);
  } else {
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
function addBodies(filling: Filling, { bytes: identityBytes, encoded }: Prepared) {
  const { store, totals } = filling;
  const { memory } = encoded!;
  totals.cache.asked += memory.asked;
  totals.cache.found += memory.found;
  const bodies = new Map<number, number>();
  for (const { coding, bytes, digest } of encoded!.bodies) {
    const { at, fresh } = store.addBody(bytes, digest);
    bodies.set(coding, at);
    if (!fresh) continue;
    const total = totals.codings[coding]!;
    total.bodies++;
    total.bytes += bytes.length;
    total.identityBytes += identityBytes;
  }
  return bodies;
}
