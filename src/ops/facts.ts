// facts.ts: what the kernel says of a process, read from outside through /proc (proc(5)).
//
// What this process may not read is undefined, and never a guess.
import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';

/** Fields of /proc/PID/task/TID/status. */
export type Status = ReadonlyMap<string, string>;

export interface Mount {
  readonly place: string;
  readonly type: string;
  readonly readOnly: boolean;
}

/** Addresses, from the first byte to after the last. */
export interface Span {
  readonly from: bigint;
  readonly to: bigint;
}

export interface Facts {
  /** Of every thread; none when the process is gone. */
  readonly threads: readonly Status[];
  /** By name, as /proc/PID/ns links them. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** Other processes in its pid namespace. */
  readonly neighbours: number | undefined;
  readonly mounts: readonly Mount[] | undefined;
  /** Soft and hard, by the kernel's name. */
  readonly limits: ReadonlyMap<string, readonly [soft: string, hard: string]> | undefined;
  /** Names alone. */
  readonly environment: readonly string[] | undefined;
  /** Kinds of what is open. */
  readonly descriptors: readonly string[] | undefined;
  readonly interfaces: readonly string[] | undefined;
  /** Of both families. */
  readonly addresses: readonly string[] | undefined;
  readonly dumpable: boolean | undefined;
  /** Executable memory that is no file's. */
  readonly executable: readonly Span[] | undefined;
}

const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'];

export function readFacts(pid: number): Facts {
  const proc = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  const threads = orElse(() => readThreads(pid), []);
  const namespaces = new Map(NAMESPACES.flatMap((name) => linkOf(pid, name)));
  return {
    threads,
    namespaces,
    neighbours: neighboursOf(pid, namespaces.get('pid')),
    mounts: readable(() => parseMounts(proc('mountinfo'))),
    limits: readable(() => parseLimits(proc('limits'))),
    environment: readable(() => parseEnvironment(proc('environ'))),
    descriptors: readable(() => readDescriptors(pid)),
    interfaces: readable(() => parseInterfaces(proc('net/dev'))),
    addresses: readable(() => parseAddresses(proc('net/fib_trie'), proc('net/if_inet6'))),
    dumpable: readable(() => readDumpable(pid, threads[0])),
    executable: readable(() => parseExecutable(proc('maps'))),
  };
}

export function parseStatus(text: string): Status {
  const rows = text.split('\n').flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
  });
  return new Map(rows);
}

/** A row without both values is none: a text may be cut short. */
export function parseLimits(text: string): Map<string, readonly [string, string]> {
  const rows = text.split('\n').slice(1);
  return new Map(
    rows.flatMap((row): [string, readonly [string, string]][] => {
      const [name = '', soft, hard, rest] = row.split(/ {2,}/);
      return soft && hard && rest !== undefined ? [[name, [soft, hard]]] : [];
    }),
  );
}

/** Fields 5 and 6 are place and options; after a dash comes the type. */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [left = '', right] = line.split(' - ');
    const [, , , , place, options] = left.split(' ');
    if (place === undefined || options === undefined || right === undefined) return [];
    const [type = ''] = right.split(' ');
    return [{ place: unescape(place), type, readOnly: options.split(',').includes('ro') }];
  });
}

/** Values may be secrets and are not kept. */
export function parseEnvironment(text: string): string[] {
  return text
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.split('=', 1)[0]!);
}

export function parseInterfaces(text: string): string[] {
  return text
    .split('\n')
    .slice(2)
    .flatMap((line) => /^\s*([^\s:]+):/.exec(line)?.[1] ?? []);
}

/** IPv4 from the routing table's local entries; IPv6 in 32 hexadecimal digits. */
export function parseAddresses(fibTrie: string, ifInet6: string): string[] {
  const four = [...fibTrie.matchAll(/\|-- ([\d.]+)\n\s+\/32 host LOCAL$/gm)].map(([, at]) => at!);
  const six = [...ifInet6.matchAll(/^([0-9a-f]{32}) /gm)].map(([, at]) => at!);
  return [...new Set([...four, ...six])];
}

/** The kernel's own pages, [vdso] and [vsyscall], are everybody's. */
export function parseExecutable(text: string): Span[] {
  return text.split('\n').flatMap((line) => {
    const row = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ..x\S \S+ \S+ 0 *(\S*)$/.exec(line);
    if (!row || ['[vdso]', '[vsyscall]'].includes(row[3]!)) return [];
    return [{ from: BigInt(`0x${row[1]}`), to: BigInt(`0x${row[2]}`) }];
  });
}

/** What stands in /proc/PID/fd, without numbers of its own. */
export function kindOf(link: string): string {
  if (/^\/memfd:.* \(deleted\)$/.test(link)) return 'memfd';
  return /^(socket|pipe):\[\d+\]$/.exec(link)?.[1] ?? link;
}

function readThreads(pid: number): Status[] {
  const threads = readdirSync(`/proc/${pid}/task`).map(Number);
  return threads
    .sort((left, right) => left - right)
    .map((thread) => parseStatus(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')));
}

function readDescriptors(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).map((number) => kindOf(readlinkSync(`${folder}/${number}`)));
}

/** What is not dumpable belongs to root: nothing can be said of what is root's anyway. */
function readDumpable(pid: number, status: Status | undefined): boolean | undefined {
  const effective = Number(status?.get('Uid')?.split('\t')[1] ?? 0);
  return effective === 0 ? undefined : statSync(`/proc/${pid}/environ`).uid === effective;
}

function neighboursOf(pid: number, namespace: string | undefined): number | undefined {
  if (namespace === undefined) return undefined;
  const others = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== `${pid}`);
  return others.filter((other) => linkOf(Number(other), 'pid')[0]?.[1] === namespace).length;
}

function linkOf(pid: number, name: string): [string, string][] {
  const link = readable(() => readlinkSync(`/proc/${pid}/ns/${name}`));
  return link === undefined ? [] : [[name, link]];
}

/** Of spaces and the like, as getmntent(3) has them. */
function unescape(place: string): string {
  return place.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(parseInt(octal, 8)),
  );
}

function readable<Value>(read: () => Value): Value | undefined {
  return orElse<Value | undefined>(read, undefined);
}

function orElse<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
