// rules.ts: from rows of the policy to the masked comparisons of a filter.
//
// libseccomp takes one comparison for each argument of a rule: a row with several values becomes
// several rules, and a range becomes the aligned blocks that cover it exactly.
import { constants } from 'node:os';
import type { FactName, Row, Values } from './stages.ts';

/** All numbers whose bits under the mask are those of the value; under no bit, all from it on. */
export interface Block {
  readonly mask: bigint;
  readonly value: bigint;
}

export type Facts<Name extends string = FactName> = Readonly<Record<Name, readonly Block[]>>;

export interface Rule {
  readonly call: string;
  /** The errno that such a call gives instead of being made. */
  readonly fault?: number;
  readonly comparisons: readonly (readonly [argument: number, block: Block])[];
}

/** The kernel looks at no more of an int: an upper half must not decide anything. */
const INT = 0xffff_ffffn;
const ALL = 0xffff_ffff_ffff_ffffn;

export function descriptors(numbers: readonly number[]): readonly Block[] {
  return numbers.map((number) => ({ mask: INT, value: BigInt(number) }));
}

/** Exactly from `from` to below `to`, all 64 bits compared: what has an upper half is outside. */
export function range(from: bigint, to: bigint): readonly Block[] {
  const blocks: Block[] = [];
  for (let at = from; at < to;) {
    let size = at === 0n ? 1n << 62n : at & -at;
    while (at + size > to) size >>= 1n;
    blocks.push({ mask: ALL & ~(size - 1n), value: at });
    at += size;
  }
  return blocks;
}

/** `first` and all above, those with an upper half too: an earlier stage must keep them out. */
export function from(first: bigint): readonly Block[] {
  return [{ mask: 0n, value: first }];
}

export function rulesOf<Name extends string>(
  rows: readonly Row<Name>[],
  facts: Facts<Name>,
): readonly Rule[] {
  return rows.flatMap(({ call, where, answer }) => {
    const fault = answer === undefined ? {} : { fault: constants.errno[answer] };
    let rules: readonly Rule[] = [{ call, ...fault, comparisons: [] }];
    for (const [argument, values] of Object.entries(where)) {
      const blocks = blocksOf(values, facts);
      rules = rules.flatMap(({ comparisons }) =>
        blocks.map((block) => ({
          call,
          ...fault,
          comparisons: [...comparisons, [+argument, block]],
        })),
      );
    }
    return rules;
  });
}

function blocksOf<Name extends string>(values: Values<Name>, facts: Facts<Name>): readonly Block[] {
  if ('fact' in values) return facts[values.fact];
  if ('exactly' in values) return [{ mask: ALL, value: BigInt(values.exactly) }];
  if ('below' in values) return [{ mask: ALL & ~BigInt(values.below - 1), value: 0n }];
  const ignored = Object.values(values.ignoring ?? {}).reduce((all, bit) => all | bit, 0);
  const mask = INT & ~BigInt(ignored);
  return Object.values(values.oneOf).map((number) => ({ mask, value: BigInt(number) & mask }));
}

/** As WallAddon.allowOnly() takes them. */
export function flatten(rules: readonly Rule[]): readonly [string, BigUint64Array] {
  const numbers = rules.flatMap(({ comparisons }, index) =>
    comparisons.flatMap(([argument, { mask, value }]) => [
      BigInt(index),
      BigInt(argument),
      mask,
      value,
    ]),
  );
  const words = rules.map(({ call, fault }) => (fault === undefined ? call : `${call}=${fault}`));
  return [words.join(' '), BigUint64Array.from(numbers)];
}
