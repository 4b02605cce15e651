// protection.ts: what a row of --check is made of, and the readings that many rows share.
import type { Lockdown, Sandbox } from '../boot/orders.ts';
import { NO_CAPABILITY, describeSet } from './capabilities.ts';
import type { Facts } from './facts.ts';
import type { Step } from './steps.ts';
import type { ToldWorker } from './told.ts';

/** Never given up; taken where it can be had; nothing to hold, only to be seen. */
export type Need = 'core' | 'extra' | 'info';

/** Who says so: /proc as seen from outside, the worker of itself, the spawner that tried it. */
export type Source = 'kernel' | 'worker' | 'spawner';

export interface Reading {
  readonly value: string;
  /** Undefined: nobody could read it. */
  readonly holds: boolean | undefined;
  readonly source: Source;
  /** Shown by --verbose. */
  readonly details?: readonly string[];
}

export interface Expected {
  readonly isRoot: boolean;
  readonly uid: number;
  readonly gid: number;
  readonly descriptorsMax: number;
  readonly sandbox: Sandbox;
  readonly lockdown: Lockdown;
}

/** One process, and all that is known of it. */
export interface Seen {
  readonly facts: Facts;
  /** The process that reads. */
  readonly host: Facts;
  readonly expected: Expected;
  /** Of a worker alone. */
  readonly told?: ToldWorker;
}

export interface Missing {
  readonly cause: string;
  readonly remedy: string;
}

export interface Protection {
  /** Stable: a key of the JSON. */
  readonly id: string;
  readonly name: string;
  readonly need: Need | ((seen: Seen) => Need);
  readonly read: (seen: Seen) => Reading;
  /** What the spawner does for it. */
  readonly step?: Step;
  /** Why it is missing, unless a step or --sandbox off says why. */
  readonly missing?: Missing;
  /** --sandbox off does not touch it. */
  readonly always?: boolean;
}

export const UNREAD: Reading = { value: 'not readable', holds: undefined, source: 'kernel' };

export function fromKernel(value: string, holds: boolean): Reading {
  return { value, holds, source: 'kernel' };
}

/** A field of every thread: one value, or each with the number of threads that have it. */
export function ofThreads(
  { facts: { threads } }: Seen,
  field: string,
  isRight: (value: string) => boolean,
  show: (value: string) => string = (value) => value,
): Reading {
  const values = threads.flatMap((thread) => thread.get(field) ?? []);
  if (threads.length === 0 || values.length < threads.length) return UNREAD;
  const kinds = [...new Set(values)];
  const many = (kind: string): string => {
    const count = values.filter((value) => value === kind).length;
    return kinds.length === 1
      ? show(kind)
      : `${show(kind)} in ${count} of ${values.length} threads`;
  };
  return fromKernel(kinds.map(many).join(', '), values.every(isRight));
}

/** Real, effective, saved and file system id. */
export function ofIds(seen: Seen, field: 'Uid' | 'Gid', wanted: number): Reading {
  const ids = (value: string): string[] => [...new Set(value.split('\t'))];
  return ofThreads(
    seen,
    field,
    (value) => ids(value).every((id) => id === `${wanted}`),
    (value) => ids(value).join(' '),
  );
}

export function ofGroups(seen: Seen): Reading {
  return ofThreads(
    seen,
    'Groups',
    (value) => value === '',
    (value) => (value === '' ? 'none' : `${value.split(' ').length} stay: ${value}`),
  );
}

/** Groups and bounding set are root's to empty. */
export function whenRoot(need: Need): (seen: Seen) => Need {
  return ({ expected }) => (expected.isRoot ? need : 'info');
}

export const CAPABILITY_SETS = [
  ['effective', 'CapEff'],
  ['permitted', 'CapPrm'],
  ['inheritable', 'CapInh'],
  ['ambient', 'CapAmb'],
  ['bounding', 'CapBnd'],
] as const;

export function ofCapabilities(
  seen: Seen,
  field: string,
  isRight: (value: string) => boolean = (value) => value === NO_CAPABILITY,
): Reading {
  return ofThreads(seen, field, isRight, describeSet);
}

export function ofNoNewPrivs(seen: Seen): Reading {
  return ofThreads(
    seen,
    'NoNewPrivs',
    (value) => value === '1',
    (value) => (value === '1' ? 'set' : 'not set'),
  );
}

const SECCOMP_MODES: Readonly<Record<string, string>> = {
  '0': 'no filter',
  '1': 'strict',
  '2': 'filtered',
};

/** At least so many filters in each thread; kernels before 5.9 do not tell how many. */
export function ofSeccomp(seen: Seen, filters: number): Reading {
  const mode = ofThreads(
    seen,
    'Seccomp',
    (value) => value === '2',
    (value) => SECCOMP_MODES[value] ?? value,
  );
  const number = ofThreads(seen, 'Seccomp_filters', (value) => Number(value) >= filters);
  if (mode.holds === undefined) return mode;
  const threads = `${seen.facts.threads.length} threads`;
  if (number.holds === undefined) return { ...mode, value: `${mode.value}, ${threads}` };
  const value = `${mode.value}, filters: ${number.value}, ${threads}`;
  return fromKernel(value, mode.holds && number.holds);
}

/** `2 pipe, 3 socket` */
export function countKinds(kinds: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}
