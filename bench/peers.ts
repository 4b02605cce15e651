// peers.ts: the servers that are measured, as data, and how a command line is made of it.
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { packageRoot } from '../src/paths.ts';

export interface Peer {
  readonly name: string;
  readonly about: string;
  /** What must be there: a program in PATH, or with a slash a file of the package. */
  readonly needs: readonly string[];
  /** Template in bench/peers, filled in like the command and written to {config}. */
  readonly config?: string;
  /** Words in braces: see Values. The first word may be replaced by --peer NAME=PATH. */
  readonly command: readonly string[];
  /** Answers with what it was given, whatever it is asked. */
  readonly fixed?: boolean;
  /** User-space instructions can be counted under Valgrind, with these words added. */
  readonly countable?: readonly string[];
}

/** What the words in braces stand for; one server of one case. */
export interface Values {
  readonly port: string;
  /** A folder of this server alone. */
  readonly directory: string;
  /** Files and their .gz siblings. */
  readonly root: string;
  readonly archive: string;
  readonly config: string;
  readonly floor: string;
  /** Files with the fixed answer of the floor. */
  readonly head: string;
  readonly body: string;
  readonly answers: string;
  readonly closes: string;
}

const CDBSERVE = [
  '{node}',
  '{package}/dist/src/cdbserve.js',
  '{archive}',
  '--listen',
  '127.0.0.1:{port}',
  '--workers',
  '1',
];
const CDBSERVE_NEEDS = ['dist/src/cdbserve.js', 'dist/archiver/cdbpack.js'];
/** Valgrind makes system calls of its own in every process. */
const WITHOUT_WALL = ['--sandbox', 'off'];

/** cdbserve as users run it comes first; every other is compared with it. */
export const PEERS: readonly Peer[] = [
  {
    name: 'cdbserve',
    about: 'this project, as users run it, one worker',
    needs: CDBSERVE_NEEDS,
    command: CDBSERVE,
    countable: WITHOUT_WALL,
  },
  {
    name: 'cdbserve-off',
    about: 'the same without its wall, --sandbox off: what the wall costs',
    needs: CDBSERVE_NEEDS,
    command: [...CDBSERVE, ...WITHOUT_WALL],
  },
  {
    name: 'cdbserve-jitless',
    about: 'the same without a compiler, --lockdown jitless',
    needs: CDBSERVE_NEEDS,
    command: [...CDBSERVE, '--lockdown', 'jitless'],
  },
  {
    name: 'cdbserve-logged',
    about: 'the same with an access log: what the log costs the worker, and its supervisor',
    needs: CDBSERVE_NEEDS,
    command: [...CDBSERVE, '--access-log', '{directory}/access.log'],
    countable: WITHOUT_WALL,
  },
  {
    name: 'nginx',
    about: 'nginx with gzip_static, sendfile and open_file_cache, one worker',
    needs: ['nginx'],
    config: 'nginx.conf',
    command: ['nginx', '-p', '{directory}', '-e', '{directory}/error.log', '-c', '{config}'],
    countable: [],
  },
  {
    name: 'node-http',
    about: 'the http module of Node with everything in memory',
    needs: ['bench/peers/http.mjs'],
    command: ['{node}', '{package}/bench/peers/http.mjs', '{port}', '{root}'],
    countable: [],
  },
  {
    name: 'floor',
    about: 'bench/floor.c: one fixed writev for each recv, nothing parsed',
    needs: ['cc'],
    command: ['{floor}', '{port}', '{head}', '{body}', '{answers}', '{closes}'],
    fixed: true,
    countable: [],
  },
];

/** The first thing a peer needs and this machine has not, or undefined. */
export function missingNeed(peer: Peer, executable?: string): string | undefined {
  if (executable !== undefined) return existsSync(executable) ? undefined : executable;
  return peer.needs.find((need) => {
    return need.includes('/') ? !existsSync(join(packageRoot, need)) : !findProgram(need);
  });
}

export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** argv of a peer: the command with every word in braces replaced. */
export function commandLine(peer: Peer, values: Values, executable?: string): readonly string[] {
  const [program, ...rest] = peer.command.map((word) => fillIn(word, values));
  return [executable ?? (program!.includes('/') ? program! : findProgram(program!)!), ...rest];
}

export function configText(template: string, values: Values): string {
  return fillIn(readFileSync(join(packageRoot, 'bench', 'peers', template), 'utf8'), values);
}

/** Throws on a word that stands for nothing: a slip in the table above. */
export function fillIn(text: string, values: Values): string {
  const all: Readonly<Record<string, string>> = {
    ...values,
    node: process.execPath,
    package: packageRoot,
    // nginx's worker would otherwise give up root and then not find the folder.
    user: process.getuid?.() === 0 ? 'user root;' : '',
  };
  return text.replaceAll(/\{([a-z]+)\}/g, (_, word: string) => {
    const value = all[word];
    if (value === undefined) throw new Error(`peers: nothing stands for {${word}}`);
    return value;
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
