// verdict.ts: what a verifier says of an archive, and how that is read by who does not trust it.
import { SITES } from './orders.ts';

/** What the supervisor has to know of an archive that it never reads itself. */
export interface Sound {
  readonly files: number;
  /** Of the manifest, in hexadecimal. */
  readonly digest: string;
  /** numberOfSite(). */
  readonly site: number;
  /** Its mapping can be undone by nobody, as it will be in a worker. */
  readonly msealed: boolean;
}

/** Sound, or what is wrong: a place, a finding and a remedy, behind the name of the archive. */
export type Verdict = { readonly sound: Sound } | { readonly refused: string };

/** Of a refusal; keys of archives are cut before. */
const REFUSAL_LENGTH_MAX = 2_000;

export function writeVerdict(verdict: Verdict): string {
  return JSON.stringify(verdict);
}

/** Undefined: no verifier of ours says so. */
export function readVerdict(text: string): Verdict | undefined {
  const said = parse(text);
  if (typeof said['refused'] === 'string') return { refused: clean(said['refused']) };
  const sound = recordOf(said['sound']);
  const { files, digest, site, msealed } = sound;
  if (!isCount(files, 2 ** 32) || !isCount(site, SITES)) return undefined;
  if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) return undefined;
  if (typeof msealed !== 'boolean') return undefined;
  return { sound: { files, digest, site, msealed } };
}

type Fields = Readonly<Record<string, unknown>>;

function parse(text: string): Fields {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function recordOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function isCount(value: unknown, end: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < end;
}

/** One line, without what commands a terminal or turns its text around. */
function clean(text: string): string {
  return text.slice(0, REFUSAL_LENGTH_MAX).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}
