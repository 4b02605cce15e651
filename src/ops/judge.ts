// judge.ts: from what was read to rows with a verdict, and from rows to an exit code.
import { EXIT, type ExitCode } from '../errors.ts';
import type { Sandbox } from '../boot/orders.ts';
import type { Missing, Need, Protection, Seen, Source } from './protection.ts';
import { reasonOf } from './steps.ts';

/** A row of the table, and of the JSON, whose keys these are. */
export interface Row {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly needed: Need;
  /** unknown: nobody could read it; it counts as missing. */
  readonly state: 'ok' | 'missing' | 'unknown' | 'info';
  readonly source: Source;
  readonly cause?: string;
  readonly remedy?: string;
  readonly details?: readonly string[];
}

const OFF: Missing = { cause: '--sandbox off', remedy: 'start without it' };
const UNSEEN: Missing = {
  cause: 'this user may not read it of another process, or there is no /proc',
  remedy: 'run --check as root, where /proc is mounted',
};
const UNDONE: Missing = {
  cause: 'what was asked of the kernel does not hold: something in between undid it',
  remedy: 'look for an outer sandbox, a tracer or a security module',
};

export function judge(protections: readonly Protection[], seen: Seen): Row[] {
  return protections.map((protection) => {
    const { id, name } = protection;
    const { value, holds, source, details } = protection.read(seen);
    const needed = needOf(protection, seen);
    const row = { id, name, value, needed, source, ...(details && { details }) };
    if (needed === 'info') return { ...row, state: 'info' };
    if (holds === true) return { ...row, state: 'ok' };
    if (holds === undefined) return { ...row, state: 'unknown', ...UNSEEN };
    return { ...row, state: 'missing', ...missingOf(protection, seen) };
  });
}

/**
 * What must be there and is not, or is not known to be: everything that is core; with --sandbox
 * require, all that is extra too.
 */
export function failing(rows: readonly Row[], sandbox: Sandbox): Row[] {
  const isWanted = ({ needed }: Row): boolean => needed === 'core' || sandbox === 'require';
  const isBad = ({ state }: Row): boolean => state === 'missing' || state === 'unknown';
  return rows.filter((row) => isWanted(row) && isBad(row));
}

export function exitOf(rows: readonly Row[], sandbox: Sandbox): ExitCode {
  return failing(rows, sandbox).length > 0 ? EXIT.sandboxUnavailable : EXIT.ok;
}

function needOf({ need }: Protection, seen: Seen): Need {
  return typeof need === 'function' ? need(seen) : need;
}

function missingOf(protection: Protection, { told, expected }: Seen): Missing {
  const lack = told?.lacks.find(({ step }) => step === protection.step);
  if (told !== undefined && lack !== undefined) {
    const { code, cause, remedy } = reasonOf(lack, told.lacks);
    return { cause: `${cause} (${code})`, remedy };
  }
  if (expected.sandbox === 'off' && protection.always !== true) return OFF;
  return protection.missing ?? UNDONE;
}
