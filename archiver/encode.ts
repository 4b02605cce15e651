// encode.ts: the bodies of one file that are worth storing: identity and its codings.
import { CODING_IDENTITY } from '../src/format/layout.ts';
import { isPreferred } from '../src/format/preference.ts';
import type { Recipe } from './effort.ts';
import type { Done, Job, Result } from './pool.ts';

export interface Coded extends Result {
  /** CODING_* */
  readonly coding: number;
}

export interface Encoded {
  /** Identity and every coding that pays, the most preferred first. */
  readonly bodies: readonly Coded[];
  /** Spent on making them; what was known costs nothing. */
  readonly seconds: number;
}

/** Results of earlier runs, by the SHA-256 of the body. */
export interface Memory {
  /** 'unpaid': that it does not pay; undefined: nothing is known. */
  find(body: Uint8Array, recipe: Recipe): Result | 'unpaid' | undefined;
  add(body: Uint8Array, recipe: Recipe, result: Result | 'unpaid'): void;
}

export interface Workshop {
  readonly pool: { run(job: Job): Promise<Done> };
  readonly memory: Memory | undefined;
}

/**
 * Tries each recipe. The buffer of the body is taken away: its bytes are in the identity given
 * back.
 */
export async function encodeBody(
  body: Result,
  recipes: readonly Recipe[],
  { pool, memory }: Workshop,
): Promise<Encoded> {
  const { digest } = body;
  const known = recipes.map((recipe) => memory?.find(digest, recipe));
  const missing = recipes.filter((_, at) => known[at] === undefined);
  const untouched: Done = { bytes: body.bytes, results: [], seconds: 0 };
  const done =
    missing.length > 0 ? await pool.run({ bytes: body.bytes, recipes: missing }) : untouched;
  const made = done.results.map((result) => result ?? 'unpaid');
  missing.forEach((recipe, at) => memory?.add(digest, recipe, made[at]!));
  const stored: Coded[] = [{ coding: CODING_IDENTITY, bytes: done.bytes, digest }];
  recipes.forEach((recipe, at) => {
    const result = known[at] ?? made[missing.indexOf(recipe)]!;
    if (result !== 'unpaid') stored.push({ coding: recipe.coding, ...result });
  });
  const bodies = stored.sort((left, right) =>
    isPreferred(left.coding, left.bytes.length, right.coding, right.bytes.length) ? -1 : 1,
  );
  return { bodies, seconds: done.seconds };
}
