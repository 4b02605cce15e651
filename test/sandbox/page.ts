// page.ts: docs/lockdown.md, from the policy and from what the probe found.
import { LOAD, SERVE } from '../../src/boot/stages.ts';
import type { Row, Values } from '../../src/boot/stages.ts';
import { SUPERVISOR, type SupervisorRow } from '../../src/boot/supervisor_rows.ts';

/** Arguments of the calls, as their manual pages name them. */
const SIGNATURES: Readonly<Record<string, readonly string[]>> = {
  accept4: ['socket', 'address', 'length', 'flags'],
  brk: ['address'],
  clock_gettime: ['clock', 'target'],
  clone: ['flags'],
  clone3: [],
  close: ['descriptor'],
  epoll_ctl: ['epoll', 'operation', 'descriptor', 'event'],
  epoll_pwait: ['epoll', 'events', 'count', 'time-out', 'mask', 'mask size'],
  epoll_wait: ['epoll', 'events', 'count', 'time-out'],
  exit_group: ['code'],
  fcntl: ['descriptor', 'operation', 'argument'],
  futex: ['address', 'operation', 'value', 'time-out', 'second address', 'second value'],
  getpid: [],
  ioctl: ['descriptor', 'operation'],
  madvise: ['address', 'length', 'advice'],
  memfd_create: ['name', 'flags'],
  mmap: ['address', 'length', 'protection', 'flags', 'descriptor', 'offset'],
  mprotect: ['address', 'length', 'protection'],
  munmap: ['address', 'length'],
  openat: ['folder', 'path', 'flags', 'mode'],
  pipe2: ['ends', 'flags'],
  prctl: ['operation', 'arguments'],
  prlimit64: ['process', 'resource', 'new limit', 'old limit'],
  pwrite64: ['descriptor', 'buffer', 'length', 'position'],
  recvfrom: ['socket', 'buffer', 'length', 'flags', 'address', 'address length'],
  restart_syscall: [],
  rt_sigreturn: [],
  seccomp: ['operation', 'flags', 'arguments'],
  sendmsg: ['socket', 'message', 'flags'],
  shutdown: ['socket', 'direction'],
  socketpair: ['family', 'type', 'protocol', 'ends'],
  tgkill: ['process', 'thread', 'signal'],
  write: ['descriptor', 'buffer', 'length'],
};

export interface Found {
  readonly filter: string;
  readonly zero: readonly string[];
  readonly ones: readonly string[];
  readonly plausible: readonly string[];
  readonly right: readonly string[];
  readonly x32: readonly string[];
  readonly int80: readonly string[];
}

const HEAD = `# Lockdown

Made by \`npx vitest run test/sandbox/probe.test.ts -u\` from \`src/boot/stages.ts\` and from what the
probe finds; the same test fails when it is out of date.

A worker gives up system calls in two stages. Whatever is not in a stage's table raises SIGSYS, does
not run, and ends the worker: the supervisor reports the call's name and arguments and starts
another. Calls by another architecture's entry (x32, int 0x80) kill it. A stage holds for all
threads and for good; the later one has no row that the earlier one lacks.

Numbers are compared as the kernel reads them. *connections* are the descriptors from the first
connection upward: the free numbers below are filled before the lock. *code range* is V8's
reservation for compiled code; a change of protection there is shorter than 1 MiB and starts at
least 1 MiB before its end. Level \`jitless\` has no compiler and no such row.
`;

export function page(found: readonly Found[]): string {
  const own = LOAD.filter(
    (row) => !SERVE.some(({ call, why }) => call === row.call && why === row.why),
  );
  return [
    HEAD,
    '## Load stage',
    'From the mapped archive to the warm code. Every row of the serve stage, where that one says connections on any number below',
    '131072 and none with an upper half, which the kernel would cut off: the serve stage compares with the first one only,',
    `and:\n\n${table(own)}`,
    '## Serve stage',
    `From the first connection to the end.\n\n${table(SERVE)}`,
    '## Supervisor',
    'From before its first worker to its end. Node goes on there, so that the list is longer; what it has no call for: another',
    'process, a socket of any address, a file to write, another user, a signal to anybody else. A refused call ends the service with',
    `exit code 70 and a line that names it.\n\n${supervisorTable()}`,
    '## What is let through',
    'System calls 0 to 500, each in a process of its own: how many reach the kernel, whatever it then answers, with zeros, with',
    'all ones, with arguments that make sense for many calls, with what a row asks for, by x32 numbers, and by int 0x80. Kawipiko',
    'stands for lists of names: the last list of its source as a filter of ours, without arguments; its own program was not',
    'probed, and adds the x32 and int 0x80 entries to its filter. The kernel asks no filter about uretprobe and uprobe (335, 336), which end in SIGILL.\n',
    counts(found),
    '',
    ...found
      .slice(0, 2)
      .map(
        ({ filter, zero, right }) =>
          `${filter}, zeros: ${zero.join(', ')}.\nWith the right arguments: ${right.join(', ')}.\n`,
      ),
  ].join('\n');
}

function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const names = SIGNATURES[row.call]!;
    const held = Object.entries(row.where).map(([at, values]) => `${names[+at]}: ${words(values)}`);
    const free = names.filter((_, at) => !(at in row.where));
    const only = row.only === undefined ? '' : ` (${row.only} only)`;
    return `| ${row.call} | ${held.join('; ') || '-'} | ${free.join(', ') || '-'} | ${row.why}${only} |`;
  });
  return ['| call | held to | not held | why |', '|---|---|---|---|', ...lines, ''].join('\n');
}

/** Calls that nothing is held to stand in one line for each reason. */
function supervisorTable(): string {
  const rows = new Map<string, string[]>();
  for (const row of SUPERVISOR) {
    const key = `${heldTo(row)} | ${row.why}`;
    rows.set(key, [...(rows.get(key) ?? []), row.call]);
  }
  const lines = [...rows].map(([rest, calls]) => `| ${calls.join(', ')} | ${rest} |`);
  return ['| calls | held to | why |', '|---|---|---|', ...lines, ''].join('\n');
}

function heldTo({ call, where, answer }: SupervisorRow): string {
  if (answer !== undefined) return `answered with ${answer}`;
  const held = Object.entries(where).map(([at, values]) => {
    return `${SIGNATURES[call]![+at]}: ${words(values)}`;
  });
  return held.join('; ') || '-';
}

function words(values: Values<string>): string {
  if ('fact' in values) return values.fact;
  if ('oneOf' in values) {
    const maybe = Object.keys(values.ignoring ?? {}).map((bit) => `, with or without ${bit}`);
    return Object.keys(values.oneOf).join(' or ').replaceAll('|', '\\|') + maybe.join('');
  }
  return values.named.replaceAll('|', '\\|');
}

function counts(found: readonly Found[]): string {
  const lines = found.map(
    ({ filter, zero, ones, plausible, right, x32, int80 }) =>
      `| ${filter} | ${zero.length} | ${ones.length} | ${plausible.length} | ${right.length || '-'} | ${x32.length} | ${int80.length} |`,
  );
  const head = '| filter | zeros | ones | plausible | right | x32 | int 0x80 |';
  return [head, '|---|---|---|---|---|---|---|', ...lines].join('\n');
}
