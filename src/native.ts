// native.ts: the two addons and the shape of what they export.
//
// Policy is ours, mechanism theirs: every call takes positional primitives or buffers and throws an
// Error with `code` (an errno name) and `syscall` when the kernel refuses.
import { EXIT, Failure } from './errors.ts';

/**
 * Target `cdb`: tinycdb, libdeflate, libzstd. Positions and lengths are bytes; of a CDB they are at
 * most 2^32 - 1.
 */
export interface CdbAddon {
  /** Starts writing a CDB at offset 0 of an empty file open for reading and writing. */
  CdbMake: new (descriptor: number) => CdbMake;
  /**
   * The first record of `key` in a whole CDB file, or undefined. Throws EPROTO when the file is not
   * sound.
   */
  cdbFind(archive: Uint8Array, key: Uint8Array): CdbSpan | undefined;
  /** The record after `position`, 0: the first; undefined: there is none. Throws EPROTO too. */
  cdbNext(archive: Uint8Array, position: number): CdbRecord | undefined;
  /** One for each thread: it keeps its working memory. */
  Compressor: new () => Compressor;
  /** Name and version of what makes each coding. */
  readonly libraries: { readonly gzip: string; readonly zstd: string };
  /** false: another process holds it. It ends when the descriptor is closed. flock(2) */
  tryLock(descriptor: number): boolean;
  /**
   * A whole file, read-only, until nobody refers to it. Nobody may make it shorter meanwhile: who
   * reads what is gone is killed (SIGBUS). Throws EINVAL for an empty one. mmap(2)
   */
  mapFile(descriptor: number): ArrayBuffer;
}

/**
 * Gives the bytes written to `output`; 0: it is too short, which it may be when it has less than 64
 * bytes more than they need. Throws ENOMEM.
 */
export interface Compressor {
  /** libdeflate, level 1 to 12. */
  gzip(level: number, input: Uint8Array, output: Uint8Array): number;
  /** libzstd, level 1 to 19: no window over 8 MiB. */
  zstd(level: number, input: Uint8Array, output: Uint8Array): number;
}

export interface CdbMake {
  /** Where the next record starts. */
  readonly position: number;
  /** Appends a record and gives the absolute offset of its value. Throws ERANGE past 4 GiB. */
  add(key: Uint8Array, value: Uint8Array): number;
  /** Fills `bytes` from records added before. Throws ERANGE when there are not so many. */
  read(position: number, bytes: Uint8Array): void;
  /** Writes hash tables and header; the object is of no use afterwards. */
  finish(): void;
}

export interface CdbSpan {
  readonly at: number;
  readonly bytes: number;
}

export interface CdbRecord {
  readonly keyAt: number;
  readonly keyBytes: number;
  readonly valueAt: number;
  readonly valueBytes: number;
  /** Pass it to cdbNext for the record that follows. */
  readonly next: number;
}

/** Target `wall`: Linux alone. */
export interface WallAddon {
  /** Layout numbers of ring.h, to be compared with src/hot/ring.ts at load. */
  readonly layout: Readonly<Record<string, number>>;
  Ring: new (config: RingConfig) => Ring;
  /**
   * Binds and listens (TCP, non-blocking, CLOEXEC, TCP_NODELAY, SO_REUSEADDR). Host '' is every
   * address, both families.
   */
  listenTcp(host: string, port: number, reusePort: boolean, backlog: number): number;
  /**
   * Connections accepted from now on are reset when the peer takes nothing for so long, closed ones
   * included (tcp(7): TCP_USER_TIMEOUT).
   */
  setUserTimeout(listener: number, timeoutMs: number): void;
  /**
   * The same on a path; its permissions are `mode`. Replaces a socket that nobody listens on; fails
   * with EADDRINUSE where somebody does, with EEXIST on anything else.
   */
  listenUnix(path: string, mode: number, backlog: number): number;
  /**
   * Makes an inherited socket as the others are. Gives what it is bound to: 127.0.0.1:80, [::1]:80
   * or unix:/path. Fails with EINVAL when it does not listen for streams.
   */
  adoptListener(listener: number): string;
  /** The next connection, non-blocking; -1: there is none for now. */
  acceptOne(listener: number): number;
  Watch: new (descriptor: number, ready: () => void) => Watch;
  /** Port a listening socket is bound to. */
  boundPort(listener: number): number;
  /** Connections that wait to be accepted. */
  queuedConnections(listener: number): number;
  /** Refuses new connections from now on, in every process that holds the socket. */
  shutListener(listener: number): void;
  /**
   * Copies a whole open file, which must stay open meanwhile, into a new sealed memfd (all seals
   * read back) and gives its descriptor. Beside the loop, in a thread of libuv's. EAGAIN: the file
   * changed meanwhile.
   */
  sealFile(descriptor: number): Promise<number>;
  /** F_GET_SEALS: fcntl(2). */
  sealsOf(descriptor: number): number;
  /**
   * Maps a sealed memfd read-only, for good, as an external ArrayBuffer; mseal where the kernel has
   * it.
   */
  mapSealed(descriptor: number): SealedMap;
  closeDescriptor(descriptor: number): void;
  /**
   * Ignores SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 and SIGPIPE: a worker takes orders over its
   * control socket.
   */
  ignoreSignals(): void;
  /** Soft and hard RLIMIT_NOFILE; raises soft to hard first. */
  raiseDescriptorLimit(): number;
  /**
   * Puts a filter in force, for all threads and for good: what no rule allows raises SIGSYS.
   * `calls` are names, one a rule, parted by spaces, where NAME=ERRNO does not run either but gives
   * that error; `comparisons` rows of {rule, argument, mask, value}.
   */
  allowOnly(calls: string, comparisons: BigUint64Array): void;
  /** Name of a system call of this machine; '': it has none. */
  callName(number: number): string;
  /**
   * Memory in which a worker notes its answers, as a memfd; its layout is in native/journal.h.
   * `ringBytes`: room for records, a power of two, or 0.
   */
  createJournal(ringBytes: number): number;
  /** A page for a worker's last words, as a memfd; its layout is in src/ops/status.ts. */
  createStatus(): number;
  /** Maps that page; from now on a refused system call is noted in it and ends in `exitCode`. */
  openStatus(descriptor: number, exitCode: number): void;
  /**
   * From now on a refused system call is told on standard error, between these texts, and ends in
   * `exitCode`: for a process that has no page.
   */
  tellRefusals(before: string, after: string, exitCode: number): void;
  /** Leaves a text in the page, or on standard error where there is none. */
  say(text: string): void;
  descriptorKind(descriptor: number): 'closed' | 'epoll' | 'eventfd' | 'other';
  /**
   * Moves a descriptor above all others, fills the free numbers below with copies of `filler`, and
   * gives its new number: an accepted connection gets that one or a later one.
   */
  moveToTop(descriptor: number, filler: number): number;
  /** Sends a few bytes over a socket and closes it, by calls that a serving worker may make. */
  sendLast(socket: number, text: string): void;
  /** Where V8 places compiled code; 0 bytes where it does not tell. */
  codeRange(): { readonly start: bigint; readonly bytes: bigint };
  /** Not dumpable, no further process or thread, no page that becomes executable: as read back. */
  harden(refuseExecGain: boolean): {
    readonly dumpable: boolean;
    readonly execGainRefused: boolean;
  };
  /** Two connected stream sockets of the AF_UNIX kind. */
  socketPair(): [number, number];
  /** The reading end first. */
  pipe(): [number, number];
  /**
   * A datagram socket that sends to a path or, with `@` before it, to an abstract name: unix(7).
   * write(2) to it fails with EAGAIN when nobody takes a message for a second.
   */
  datagramSocket(address: string): number;
  /**
   * Buries children that have ended, but for those numbered in `own`. True: one of those stands
   * before what may be others; ask again once it is buried.
   */
  buryOthers(own: Int32Array): boolean;
  /** Nothing leaves by this socket from now on, neither bytes nor descriptors. */
  muteSocket(socket: number): void;
  /** Bytes and, with the first of them, descriptors (SCM_RIGHTS, at most 128). ETIMEDOUT: 1 s. */
  sendDescriptors(socket: number, bytes: Uint8Array, descriptors: Int32Array): void;
  /** The program's interpreter and every shared object, as the loader names them. */
  loadedFiles(): string[];
  /**
   * Gives up capabilities and whatever exec could bring, and as root becomes uid and gid, without
   * groups. For good, in all threads; to be read back by the caller.
   */
  dropPrivilege(uid: number, gid: number): void;
  /** What no other process can read of this one. */
  processFacts(): ProcessFacts;
  /** Threads, of those with numbers near the process's own, that have made no call of their own. */
  threadsBeginning(): number;
  /**
   * Has libuv open its own descriptors anew, all that it watches kept: what it could have then and
   * can have no more it goes without.
   */
  renewLoop(): void;
  /** exit_group, no handlers. */
  exit(code: number): never;
}

/** prctl(2) and landlock(7), as the kernel numbers them; -1: it has no such thing. */
export interface ProcessFacts {
  readonly dumpable: number;
  readonly execGainRefused: number;
  readonly securebits: number;
  readonly deathSignal: number;
  /** What the kernel has, whether this process is restricted or not. */
  readonly landlockAbi: number;
}

export interface SealedMap {
  readonly buffer: ArrayBuffer;
  /** F_GET_SEALS as read back: 0x2f with MFD_NOEXEC_SEAL, 0x0f without. */
  readonly seals: number;
  readonly msealed: boolean;
}

/** Calls `ready` while a descriptor can be read; is closed before it is. Keeps nothing alive. */
export type Watch = Readonly<Record<'start' | 'stop' | 'close', () => void>>;

/** Tables and numbers of struct ring_config in native/ring.h, in camel case. */
export interface RingConfig {
  readonly inbox: Uint8Array;
  readonly events: Int32Array;
  readonly outbox: Int32Array;
  readonly scratch: Uint8Array;
  readonly scratchStaticBytes: number;
  readonly archive: ArrayBuffer;
  readonly peers: Uint8Array;
  readonly connectionsMax: number;
  readonly connectionsSpare: number;
  /** 0: as many as there is room for. */
  readonly connectionsPerAddress: number;
  /** Rows of networks: src/hot/networks.ts. */
  readonly trusted: Uint8Array;
  readonly inputBytesMax: number;
  readonly carryBlocks: number;
  readonly pendingBlocks: number;
  readonly pendingScratchBytes: number;
  readonly acceptsPerTurn: number;
  readonly headerTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** Bytes in that time. */
  readonly writeBytesMin: number;
  readonly lingerSilenceMs: number;
  readonly lingerTotalMs: number;
  readonly acceptPauseMs: number;
  readonly controlDescriptor: number;
  /** Of createJournal(); -1: what is answered is noted nowhere. */
  readonly journalDescriptor: number;
}

export interface Ring {
  listen(listener: number, lasting: boolean): void;
  /** Leaves it, and who waits there, to another process. */
  unlisten(listener: number): void;
  turn(rows: number): number;
  flush(rows: number): void;
  /** Leaves the listeners to others and keeps its connections; DRAINED follows the last one. */
  withdraw(): void;
  /** Who waits at the listeners is served until they are shut. */
  drain(timeoutMs: number): void;
  /** Its epoll descriptor. */
  epoll(): number;
  connections(): number;
  /** Counters of struct ring_stats by name. */
  stats(): Readonly<Record<string, number>>;
}

export function loadCdb(path: string): CdbAddon {
  return load(path) as CdbAddon;
}

export function loadWall(path: string): WallAddon {
  return load(path) as WallAddon;
}

/**
 * Neither require nor import: the same call serves ESM, the bundled CommonJS worker and the tests.
 * Throws a Failure.
 */
function load(path: string): unknown {
  const module = { exports: {} };
  try {
    process.dlopen(module, path);
  } catch (error) {
    throw new Failure(EXIT.failure, refusalOf(path, error as Error));
  }
  return module.exports;
}

function refusalOf(path: string, error: Error): string {
  return (
    `cannot load the addon ${path}: ${error.message.trim()}. Either the file is damaged: install ` +
    'again; or it was built for another machine: node scripts/install.mjs, in the folder of the ' +
    'npm package, builds it here.'
  );
}
