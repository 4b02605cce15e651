// facts.ts: what the kernel says of a process, read from outside through /proc.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface Facts {
  readonly uids: readonly string[];
  readonly gids: readonly string[];
  readonly groups: string;
  /** CapInh, CapPrm, CapEff, CapBnd, CapAmb of every thread, each once. */
  readonly capabilities: readonly string[];
  readonly noNewPrivs: readonly string[];
  /** Names of the namespaces that are not those of the reader. */
  readonly ownNamespaces: readonly string[];
  /** Its number in its own pid namespace. */
  readonly innerPid: number;
  readonly environment: readonly string[];
  /** Kinds of what is open, by number. */
  readonly descriptors: ReadonlyMap<number, string>;
  /** Soft and hard, by name. */
  readonly limits: ReadonlyMap<string, string>;
  /** Lines of /proc/net/dev. */
  readonly interfaces: readonly string[];
  /** Where something is mounted, with type and options. */
  readonly mounts: ReadonlyMap<string, string>;
}

export function readFacts(pid: number): Facts {
  const proc = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  const threads = readdirSync(`/proc/${pid}/task`).map((tid) =>
    fieldsOf(proc(`task/${tid}/status`)),
  );
  const [main] = threads;
  return {
    uids: unique(threads.map((thread) => thread['Uid']!)),
    gids: unique(threads.map((thread) => thread['Gid']!)),
    groups: main!['Groups']!.trim(),
    capabilities: unique(
      threads.flatMap((thread) =>
        ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'].map((set) => thread[`Cap${set}`]!),
      ),
    ),
    noNewPrivs: unique(threads.map((thread) => thread['NoNewPrivs']!)),
    ownNamespaces: ownNamespaces(pid),
    innerPid: Number(main!['NSpid']!.split('\t').at(-1)),
    environment: proc('environ').split('\0').filter(Boolean),
    descriptors: descriptorsOf(pid),
    limits: limitsOf(proc('limits')),
    interfaces: proc('net/dev').split('\n').slice(2).filter(Boolean),
    mounts: mountsOf(proc('mountinfo')),
  };
}

/** A connection that ends meanwhile is left out. */
function descriptorsOf(pid: number): Map<number, string> {
  const folder = `/proc/${pid}/fd`;
  const kinds = new Map<number, string>();
  for (const descriptor of readdirSync(folder)) {
    try {
      const kind = readlinkSync(`${folder}/${descriptor}`).replace(/:\[.*/, '');
      kinds.set(Number(descriptor), kind);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return kinds;
}

/** Every file below the root of a process that has one of its own. */
export function filesOf(pid: number): string[] {
  return filesBelow(`/proc/${pid}/root`, '/');
}

/** `Name:\tvalue` of /proc/PID/status. */
export function fieldsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
}

function ownNamespaces(pid: number): string[] {
  const names = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'];
  return names.filter(
    (name) => readlinkSync(`/proc/${pid}/ns/${name}`) !== readlinkSync(`/proc/self/ns/${name}`),
  );
}

function limitsOf(text: string): Map<string, string> {
  const rows = text.split('\n').slice(1).filter(Boolean);
  return new Map(
    rows.map((row) => {
      const [name = '', soft = '', hard = ''] = row.split(/ {2,}/);
      return [name, `${soft} ${hard}`];
    }),
  );
}

/** proc(5), mountinfo: field 5 is the place, 6 its options; after a dash the type. */
function mountsOf(text: string): Map<string, string> {
  const lines = text.split('\n').filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [left = '', right = ''] = line.split(' - ');
      const fields = left.split(' ');
      return [fields[4]!, `${right.split(' ')[0]} ${fields[5]}`];
    }),
  );
}

function filesBelow(base: string, path: string): string[] {
  return readdirSync(join(base, path), { withFileTypes: true }).flatMap((entry) => {
    const below = join(path, entry.name);
    return entry.isDirectory() ? filesBelow(base, below) : [below];
  });
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
