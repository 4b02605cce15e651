// effort.ts: how hard each coding is tried, by --compress and the length of the body.
import { CODING_BR, CODING_GZIP, CODING_ZSTD } from '../src/format/layout.ts';

/** Names of --codings. */
export const CODINGS = { br: CODING_BR, zstd: CODING_ZSTD, gzip: CODING_GZIP } as const;
export type CodingName = keyof typeof CODINGS;
export const CODING_CHOICES = Object.keys(CODINGS) as CodingName[];

export const EFFORTS = ['fast', 'balanced', 'max', 'none'] as const;
export type Effort = (typeof EFFORTS)[number];

/** How one coding of a body is made; the result depends on nothing but this and the library. */
export interface Recipe {
  /** CODING_* */
  readonly coding: number;
  readonly level: number;
}

type Levels = Readonly<Record<CodingName, number>>;

interface Row {
  readonly levels: Levels;
  /** Of the longest body it is for. */
  readonly bytesMax: number;
}

/** Brotli 10 takes a millisecond for the shortest body, to save some 20 bytes of it. */
const SHORT_BYTES = 1024;
const MEDIUM_BYTES = 128 * 1024;

/** The first row that fits a body holds. */
const ROWS: Readonly<Record<Exclude<Effort, 'none'>, readonly Row[]>> = {
  fast: [{ levels: { br: 5, zstd: 3, gzip: 6 }, bytesMax: Infinity }],
  balanced: [
    { levels: { br: 9, zstd: 10, gzip: 9 }, bytesMax: SHORT_BYTES },
    { levels: { br: 10, zstd: 10, gzip: 9 }, bytesMax: MEDIUM_BYTES },
    { levels: { br: 9, zstd: 10, gzip: 9 }, bytesMax: Infinity },
  ],
  max: [{ levels: { br: 11, zstd: 19, gzip: 12 }, bytesMax: Infinity }],
};

const SAVED_BYTES_MIN = 64;
const SAVED_SHARE_MIN = 0.05;
/** A longer body is stored as it is: its codings would have to be held in memory beside it. */
const CODED_BYTES_MAX = 1024 * 1024 * 1024;

/** What to try for a body of this length; nothing where no coding could be worth storing. */
export function recipesFor(
  effort: Effort,
  codings: readonly CodingName[],
  bodyBytes: number,
): readonly Recipe[] {
  if (effort === 'none' || bodyBytes <= SAVED_BYTES_MIN || bodyBytes > CODED_BYTES_MAX) return [];
  const { levels } = ROWS[effort].find(({ bytesMax }) => bodyBytes <= bytesMax)!;
  return codings.map((name) => ({ coding: CODINGS[name], level: levels[name] }));
}

/** Whether a coding is worth its place in the archive. */
export function pays(bodyBytes: number, codedBytes: number): boolean {
  const saved = bodyBytes - codedBytes;
  return saved >= SAVED_BYTES_MIN && saved >= bodyBytes * SAVED_SHARE_MIN;
}
