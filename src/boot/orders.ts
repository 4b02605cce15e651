// orders.ts: what the supervisor tells a worker, at its start and later.
//
// At start: what is fixed as long as the service lives, which the spawner has among its own
// arguments and gives to every worker, and its role, a number which the supervisor asks for. Later:
// single bytes over the control socket, the first of which says what the archive is like.

import type { ProcessFacts } from '../native.ts';
import type { Network } from '../networks.ts';

/** What the kernel gives; everything or no start; nothing, to look for a fault. */
export const SANDBOXES = ['auto', 'require', 'off'] as const;
export type Sandbox = (typeof SANDBOXES)[number];

/** V8 with its compiler, or without it and without any executable page of its own. */
export const LOCKDOWNS = ['standard', 'jitless'] as const;
export type Lockdown = (typeof LOCKDOWNS)[number];

const NODE_MAJOR = Number.parseInt(process.versions.node, 10);
/**
 * Without a compiler there is no WebAssembly either. V8 warns if it must find out itself, but for
 * that of Node 24, which has no such flag.
 */
const JITLESS_FLAGS: readonly string[] =
  NODE_MAJOR < 24 ? ['--jitless', '--no-expose-wasm'] : ['--jitless'];

/**
 * From Node 22 on, V8's own threads ask the C library where their stacks are, and Node 24 asks for
 * the priority of a thread that waits for a lock: calls that a locked worker may not make. They get
 * no work there.
 */
const THREAD_FLAGS: readonly string[] = NODE_MAJOR < 22 ? [] : ['--single-threaded'];

/**
 * Node ends when it may not read the configuration of OpenSSL, as under Landlock, but not when
 * there is none. That this folder does not exist is Debian policy, 9.2.3.
 */
const NO_OPENSSL_CONFIG = '--openssl-config=/nonexistent';
/**
 * Megabytes: enough for the code and its compiler; the hot path allocates nothing. The bounds of
 * inlining let the hot functions become two or three compiled ones; V8 knows the tables' addresses
 * there.
 */
const WORKER_FLAGS = [
  '--max-old-space-size=64',
  '--v8-pool-size=1',
  '--max-inlined-bytecode-size=1000',
  '--max-inlined-bytecode-size-cumulative=5000',
  NO_OPENSSL_CONFIG,
];

/** Of Node, for every worker of that level. */
export function workerFlags(lockdown: Lockdown): readonly string[] {
  return [...WORKER_FLAGS, ...THREAD_FLAGS, ...(lockdown === 'jitless' ? JITLESS_FLAGS : [])];
}

/** The same for every worker, before and after a death. */
export interface FixedOrders {
  readonly addon: string;
  /** What is run instead by a VERIFIER. */
  readonly verifier: string;
  readonly sandbox: Sandbox;
  readonly lockdown: Lockdown;
  readonly controlDescriptor: number;
  /** A socket: the worker sends READY once it is locked, and closes it. */
  readonly bootDescriptor: number;
  readonly archiveDescriptor: number;
  /** The page for its last words. */
  readonly statusDescriptor: number;
  /** Memory in which it notes what it answered. */
  readonly journalDescriptor: number;
  /** Listening sockets this worker accepts from once it is told to. */
  readonly listeners: readonly number[];
  /** Those of them that are somebody else's: a drain leaves who waits there to its next taker. */
  readonly lasting: readonly number[];
  /** Sockets of its neighbours, the next one's first: it accepts from them when told to. */
  readonly adoptable: readonly (readonly number[])[];
  readonly connectionsMax: number;
  /** 0: as many as there is room for. */
  readonly connectionsPerAddress: number;
  /** Proxies, which may say who their client is. */
  readonly trusted: readonly Network[];
  readonly requestLineBytesMax: number;
  readonly headerBytesMax: number;
  readonly headerFieldsMax: number;
  readonly headerTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** Bytes a second; 0: any byte is progress. */
  readonly sendRateMin: number;
  readonly lingerTimeoutMs: number;
  readonly drainTimeoutMs: number;
  /** Where it says whether it serves on; '': nowhere. */
  readonly healthPath: string;
  /** Each answer becomes a record of the journal, and is not only counted. */
  readonly logsAnswers: boolean;
  /** It may write reports of its heap to standard error. */
  readonly heapReport: boolean;
  /** It says with READY what it sees of itself, a WorkerReport: to be judged. */
  readonly selfReport: boolean;
}

/** As the manifest says: sites by host, a site for every other host, a 200.html, rules. */
export interface SiteOrders {
  readonly hosts: boolean;
  readonly defaultSite: boolean;
  readonly rewrites: boolean;
  readonly rules: boolean;
}

/** Standard error, control socket, boot socket, archive, status page, journal: from 2 on. */
export const GIVEN_BESIDE_LISTENERS = 6;
const LISTENERS = 2 + GIVEN_BESIDE_LISTENERS;

/** Where in a journal the supervisor notes how far it has read: layout of native/journal.h. */
export const JOURNAL_READ_AT = 20_576;

type Numbers = Pick<
  FixedOrders,
  | 'controlDescriptor'
  | 'bootDescriptor'
  | 'archiveDescriptor'
  | 'statusDescriptor'
  | 'journalDescriptor'
  | 'listeners'
  | 'adoptable'
>;

/**
 * Under which numbers a worker finds what it is given: its listeners, and for each neighbour
 * within its reach those that are that one's alone.
 */
export function numbersOf(listeners: number, reach: number, parted: number): Numbers {
  const from = (first: number, length: number): number[] =>
    Array.from({ length }, (_, index) => first + index);
  return {
    controlDescriptor: 3,
    bootDescriptor: 4,
    archiveDescriptor: 5,
    statusDescriptor: 6,
    journalDescriptor: 7,
    listeners: from(LISTENERS, listeners),
    adoptable: from(0, reach).map((neighbour) =>
      from(LISTENERS + listeners + neighbour * parted, parted),
    ),
  };
}

/** The bits of a site's number. */
const HOSTS = 1;
const DEFAULT_SITE = 2;
const REWRITES = 4;
const RULES = 8;

export const SITES = 16;

/** Less than SITES. */
export function numberOfSite({ hosts, defaultSite, rewrites, rules }: SiteOrders): number {
  const kinds = (hosts ? HOSTS : 0) | (defaultSite ? DEFAULT_SITE : 0);
  return kinds | (rewrites ? REWRITES : 0) | (rules ? RULES : 0);
}

/** What an archive of this number is like. */
export function siteOf(number: number): SiteOrders {
  const has = (bit: number): boolean => (number & bit) !== 0;
  return {
    hosts: has(HOSTS),
    defaultSite: has(DEFAULT_SITE),
    rewrites: has(REWRITES),
    rules: has(RULES),
  };
}

/** Roles, the second argument of whoever the spawner starts: ROLES of native/spawner/request.h. */
export const WORKER = 0;
export const VERIFIER = 1;

/** The first argument of whoever the spawner starts. */
export function readFixedOrders(fixed = ''): FixedOrders {
  return JSON.parse(fixed) as FixedOrders;
}

export const READY = 'R';

/** As JSON after READY. What is read before the load stage cannot change after it. */
export interface WorkerReport {
  readonly process: ProcessFacts;
  /** Names alone. */
  readonly environment: readonly string[];
  /** Kinds of what is open. */
  readonly descriptors: readonly string[];
  /** By name, as /proc/self/ns links them; none where there is no /proc. */
  readonly namespaces: Readonly<Record<string, string>>;
  /** F_GET_SEALS of the archive. */
  readonly seals: number;
  readonly msealed: boolean;
  /** Where compiled code may be, in hexadecimal; undefined without a compiler, or unlocked. */
  readonly codeRange?: readonly [from: string, to: string];
  /** Names of the system calls that are left; undefined: unlocked. */
  readonly calls?: readonly string[];
}

/**
 * And numberOfSite(): the archive is sound, and like that. A worker has started by then, and has
 * not looked into it.
 */
export const ORDER_LOAD = 0x10;
/** From now on it accepts from its listeners: before it has none. */
export const ORDER_SERVE = 0x53;
/** It will be told to drain: health is 503, and every answer the last of its connection. */
export const ORDER_ANNOUNCE = 0x41;
/** Others take the listeners; whoever is connected stays, and each answer is the last. */
export const ORDER_RETIRE = 0x52;
export const ORDER_DRAIN = 0x44;
/**
 * Measures the heap after two full collections; only where the worker was started with --expose-gc.
 */
export const ORDER_HEAP = 0x48;
/**
 * And how many places away the neighbour is, from 1 on, whose sockets are to be accepted from as
 * well; and, from ORDER_RELEASE on, no more.
 */
export const ORDER_ADOPT = 0x80;
export const ORDER_RELEASE = 0xc0;
/** The supervisor is gone. */
export const ORDER_GONE = -1;
