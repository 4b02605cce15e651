// report.ts: what --check has found, as JSON and as a table for people.
import type { Lockdown, Sandbox } from '../boot/orders.ts';
import type { ExitCode } from '../errors.ts';
import type { Row } from './judge.ts';
import { clean } from './lines.ts';

const VALUE_WIDTH_MAX = 60;

/** The keys of the JSON; docs/check.md says what they mean. */
export interface Report {
  readonly version: string;
  readonly kernel: string;
  readonly node: string;
  readonly startedAsRoot: boolean;
  readonly sandbox: Sandbox;
  readonly lockdown: Lockdown;
  readonly exitCode: ExitCode;
  /** Why the service did not start; then there are no processes. */
  readonly failure?: string;
  readonly processes: readonly Inspected[];
}

export interface Inspected {
  readonly process: 'supervisor' | 'spawner' | 'worker';
  /** Workers are counted from 1, the others are 1. */
  readonly number: number;
  readonly pid: number;
  readonly protections: readonly Row[];
}

export function formatJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

export function formatTable(report: Report, verbose: boolean): string {
  const { version, kernel, node, sandbox, lockdown, startedAsRoot } = report;
  const who = startedAsRoot ? 'root' : 'an ordinary user';
  const modes = `--sandbox ${sandbox}, --lockdown ${lockdown}`;
  const lines = [
    `cdbserve ${version}, Node ${node}, Linux ${kernel}, started by ${who}, ${modes}`,
    ...report.processes.flatMap((inspected) => ['', ...groupOf(inspected, verbose)]),
    ...(report.processes.length > 0 ? ['', totalOf(report)] : []),
  ];
  return `${lines.map(clean).join('\n')}\n`;
}

function groupOf({ process, number, pid, protections }: Inspected, verbose: boolean): string[] {
  const name = process === 'worker' ? `worker ${number}` : process;
  const reasons = [...new Set(protections.flatMap(reasonOf))];
  const names = widest(protections.map((row) => row.name));
  const values = Math.min(widest(protections.map((row) => row.value)), VALUE_WIDTH_MAX);
  const rows = protections.flatMap((row) => {
    const cells = [row.name.padEnd(names), row.value.padEnd(values), row.needed.padEnd(5)];
    const note = reasonOf(row).map((reason) => ` [${reasons.indexOf(reason) + 1}]`);
    const state = row.state === 'info' ? '' : `${row.state}${note.join('')}`;
    return [
      `  ${[...cells, state].join('  ')}`.trimEnd(),
      ...(verbose ? (row.details ?? []).map((detail) => `    ${detail}`) : []),
    ];
  });
  const notes = reasons.map((reason, index) => `  [${index + 1}] ${reason}`);
  return [`${name} (pid ${pid})`, ...rows, ...notes];
}

/** Rows that are missing for one reason share one note. */
function reasonOf({ cause, remedy }: Row): string[] {
  return cause === undefined ? [] : [`Cause: ${cause}. Remedy: ${remedy}.`];
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length));
}

function totalOf({ processes, exitCode }: Report): string {
  const rows = processes.flatMap(({ protections }) => protections);
  const count = (needed: Row['needed']): string => {
    const all = rows.filter((row) => row.needed === needed);
    return `${all.filter(({ state }) => state === 'ok').length} of ${all.length} ${needed}`;
  };
  return `${count('core')} and ${count('extra')} protections hold: exit ${exitCode}`;
}
