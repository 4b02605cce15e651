// encode.ts: the bodies of files that are worth storing: identity and its codings.
import { batches } from './batches.ts';
import { CODING_IDENTITY } from '../src/format/layout.ts';
import { isPreferred } from '../src/format/preference.ts';
import type { Recipe } from './effort.ts';
import type { Sought } from './lookups.ts';
import type { Done, Job, Pool, Result } from './pool.ts';
import { sharedBuffers } from './slab.ts';
import type { Take } from './slab.ts';

export interface Coded extends Result {
  /** CODING_* */
  readonly coding: number;
}

export interface Encoded {
  /** Identity and every coding that pays, the most preferred first. */
  readonly bodies: readonly Coded[];
  /** Spent on making them; what was known costs nothing. */
  readonly seconds: number;
  /** Recipes that memory was asked for, and whose results it had. */
  readonly memory: Lookups;
}

export interface Lookups {
  readonly asked: number;
  readonly found: number;
}

/** Results of earlier runs. */
export interface Memory {
  /** In the order of what is sought. 'unpaid': it does not pay; undefined: nothing is known. */
  find(sought: readonly Sought[]): Promise<Known>;
  add(sought: Sought, result: Result | 'unpaid'): void;
}

export interface Workshop {
  /** Answers in the order in which it is asked. */
  readonly reader: Pick<Pool, 'read' | 'checkBegun' | 'findFault'>;
  /** Is closed when all is encoded. */
  readonly pool: Pick<Pool, 'compress' | 'close'>;
  readonly memory: Memory | undefined;
}

/** What encodeBodies() needs of a workshop. */
export interface Encoder {
  readonly pool: Pick<Pool, 'compress'>;
  readonly memory: Memory | undefined;
}

/** A body, and what to try for it. */
export interface Wish {
  readonly body: Result;
  readonly recipes: readonly Recipe[];
}

/** What memory has. */
type Known = readonly (Result | 'unpaid' | undefined)[];

/** Worth a message, and less than keeps the other threads waiting at the end. */
const ORDER_BYTES_MAX = 256 * 1024;

/**
 * Tries each recipe. The buffers of the bodies are taken away: their bytes are in the identities
 * given back.
 */
export async function encodeBodies(
  wishes: readonly Wish[],
  { pool, memory }: Encoder,
): Promise<readonly Encoded[]> {
  const known = await findKnown(wishes, memory);
  const jobs = wishes.map(({ body, recipes }, at) => ({
    bytes: body.bytes,
    recipes: recipes.filter((_, recipe) => known[at]![recipe] === undefined),
  }));
  const done = await compressAll(jobs, pool);
  return wishes.map((wish, at) => encoded(wish, known[at]!, done[at]!, memory));
}

/** Of each wish, by recipe. */
async function findKnown(
  wishes: readonly Wish[],
  memory: Memory | undefined,
): Promise<readonly Known[]> {
  const sought = wishes.flatMap(({ body, recipes }) =>
    recipes.map((recipe) => ({ body: body.digest, recipe })),
  );
  const found = (memory && sought.length > 0 ? await memory.find(sought) : []).values();
  return wishes.map(({ recipes }) => recipes.map(() => found.next().value));
}

async function compressAll(
  jobs: readonly Job[],
  pool: Pick<Pool, 'compress'>,
): Promise<readonly Done[]> {
  const done = jobs.map(untouched);
  const missing = [...jobs.entries()].filter(([, { recipes }]) => recipes.length > 0);
  const sized = missing.map(([at, job]) => ({ at, job, bytes: job.bytes.length }));
  const orders = [...batches(sized, ORDER_BYTES_MAX)].map(async ({ items }) => {
    const take = sharedBuffers();
    const made = await pool.compress(items.map(({ job }) => movable(job, take)));
    for (const [place, { at }] of items.entries()) done[at] = made[place]!;
  });
  await Promise.all(orders);
  return done;
}

/** Bodies that share a buffer with others would take them along. */
function movable({ bytes, recipes }: Job, take: Take): Job {
  if (bytes.length === bytes.buffer.byteLength) return { bytes, recipes };
  const copy = take(bytes.length);
  copy.set(bytes);
  return { bytes: copy, recipes };
}

function untouched({ bytes }: { readonly bytes: Uint8Array }): Done {
  return { bytes, results: [], seconds: 0 };
}

function encoded(
  { body: { digest }, recipes }: Wish,
  known: Known,
  done: Done,
  memory: Memory | undefined,
): Encoded {
  const made = done.results.map((result) => result ?? 'unpaid').values();
  const stored: Coded[] = [{ coding: CODING_IDENTITY, bytes: done.bytes, digest }];
  for (const [at, recipe] of recipes.entries()) {
    const result = known[at] ?? made.next().value!;
    if (known[at] === undefined) memory?.add({ body: digest, recipe }, result);
    if (result !== 'unpaid') stored.push({ coding: recipe.coding, ...result });
  }
  const bodies = stored.sort((left, right) =>
    isPreferred(left.coding, left.bytes.length, right.coding, right.bytes.length) ? -1 : 1,
  );
  const found = known.filter((result) => result !== undefined).length;
  const asked = memory ? recipes.length : 0;
  return { bodies, seconds: done.seconds, memory: { asked, found } };
}
