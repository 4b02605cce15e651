// listen.ts: makes or takes over the listening sockets, in the supervisor, which keeps them open
// over every worker's death.
import type { Address, InheritedAddress, TcpAddress, UnixAddress } from '../addresses.ts';
import { EXIT, Failure } from '../errors.ts';
import type { WallAddon } from '../native.ts';

const BACKLOG = 4_096;

export interface Listener {
  readonly address: Address;
  /** What it is bound to: 127.0.0.1:80, :80, [::1]:80 or unix:/path; no port is 0. */
  readonly bound: string;
  /**
   * One for each worker. Of TCP they differ, and are of one SO_REUSEPORT group; else it is the same
   * for all.
   */
  readonly sockets: readonly number[];
}

/**
 * `writeTimeoutMs`: what was sent and is not taken by then is given up by the kernel too, which
 * would else hold it for minutes after the worker has closed the connection.
 */
export function listen(
  wall: WallAddon,
  address: Address,
  workers: number,
  writeTimeoutMs: number,
): Listener {
  try {
    if ('descriptor' in address) return adopt(wall, address, workers, writeTimeoutMs);
    if ('path' in address) return listenUnix(wall, address, workers);
    return listenTcp(wall, address, workers, writeTimeoutMs);
  } catch (error) {
    throw bindFailure(address, error as NodeJS.ErrnoException);
  }
}

function listenTcp(
  wall: WallAddon,
  address: TcpAddress,
  workers: number,
  writeTimeoutMs: number,
): Listener {
  if (workers > 1 && address.port !== 0) expectFree(wall, address);
  const first = wall.listenTcp(address.host, address.port, workers > 1, BACKLOG);
  const port = wall.boundPort(first);
  const sockets = [first];
  while (sockets.length < workers) {
    sockets.push(wall.listenTcp(address.host, port, true, BACKLOG));
  }
  for (const socket of sockets) wall.setUserTimeout(socket, writeTimeoutMs);
  return { address, bound: addressText({ ...address, port }), sockets };
}

function listenUnix(wall: WallAddon, address: UnixAddress, workers: number): Listener {
  const socket = wall.listenUnix(address.path, address.mode, BACKLOG);
  return { address, bound: addressText(address), sockets: repeated(socket, workers) };
}

function adopt(
  wall: WallAddon,
  address: InheritedAddress,
  workers: number,
  writeTimeoutMs: number,
): Listener {
  const { descriptor } = address;
  const bound = wall.adoptListener(descriptor);
  if (!bound.startsWith(UNIX)) wall.setUserTimeout(descriptor, writeTimeoutMs);
  return { address, bound, sockets: repeated(descriptor, workers) };
}

function repeated(socket: number, times: number): readonly number[] {
  return Array.from({ length: times }, () => socket);
}

/**
 * A second server of the same user could join the SO_REUSEPORT group unnoticed; a plain bind
 * cannot.
 */
function expectFree(wall: WallAddon, { host, port }: TcpAddress): void {
  wall.closeDescriptor(wall.listenTcp(host, port, false, BACKLOG));
}

const UNIX = 'unix:';

export function addressText(address: Address): string {
  if ('descriptor' in address) return address.name;
  if ('path' in address) return UNIX + address.path;
  const { host, port } = address;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What a person types into a browser; whose it is, where it is inherited. */
export function urlOf({ address, bound }: Listener): string {
  const whose = 'descriptor' in address ? ` (${address.name})` : '';
  if (bound.startsWith(UNIX)) return bound + whose;
  const [, host, port] = /^(.*):(\d+)$/.exec(bound)!;
  const shown = port === '80' ? '' : `:${port}`;
  if (host === '') return `http://localhost${shown}/ (all addresses)`;
  return `http://${host}${shown}/${whose}`;
}

type Remedies = Readonly<Record<string, (address: string) => string>>;

const TCP_REMEDIES: Remedies = {
  EACCES: () => 'Not started as root, and the port is below 1024. Try --listen :8080.',
  EADDRINUSE: (text) => `Another process listens there (ss -ltnp 'sport = ${portOf(text)}').`,
  EADDRNOTAVAIL: () => 'No interface of this machine has that address (ip address).',
  EAFNOSUPPORT: () =>
    'The kernel has no IPv6, or RestrictAddressFamilies= of the unit leaves the network out. Try ' +
    'an IPv4 address, else unix:/PATH.',
};

const UNIX_REMEDIES: Remedies = {
  EACCES: () => 'Its folder may not be written by who starts this.',
  EADDRINUSE: () => 'Another process listens there (ss -lxp).',
  EEXIST: () => 'Something that is no socket has that name. Remove it, or take another name.',
  ENOENT: () => 'There is no such folder. Make it first.',
};

const INHERITED_REMEDIES: Remedies = {
  EBADF: () => 'No such descriptor is open. Whoever starts this must leave it open.',
  EINVAL: () => 'It does not listen for streams (ListenStream= of a socket unit).',
  EAFNOSUPPORT: () => 'It is neither TCP nor a unix socket.',
  ENOTSOCK: () => 'It is no socket.',
};

function remediesOf(address: Address): Remedies {
  if ('descriptor' in address) return INHERITED_REMEDIES;
  return 'path' in address ? UNIX_REMEDIES : TCP_REMEDIES;
}

function portOf(text: string): string {
  return text.slice(text.lastIndexOf(':'));
}

function bindFailure(address: Address, error: NodeJS.ErrnoException): Failure {
  const code = error.code ?? error.message;
  const at = addressText(address);
  const remedy = remediesOf(address)[code]?.(at) ?? `${error.syscall ?? 'bind'} failed.`;
  const verb = 'descriptor' in address ? 'take over' : 'bind';
  const text = `cannot ${verb} ${at}: ${code}. ${remedy}`;
  return new Failure(EXIT.cannotBind, text, { cause: error });
}

/**
 * Who waits in the queue of one of our own is still accepted. An inherited one is left as it is:
 * the next taker finds them there.
 */
export function refuseNewcomers(
  wall: WallAddon,
  listeners: readonly Listener[],
  budgetMs: number,
): void {
  for (const { address, sockets } of listeners) {
    if ('port' in address) shutWhenEmpty(wall, sockets, budgetMs);
    // Its queue outlives the shutting.
    if ('path' in address) wall.shutListener(sockets[0]!);
  }
}

const POLL_MS = 5;

/**
 * Refuses new connections as soon as nobody is queued: shutting a listener resets its queue. The
 * workers go on accepting meanwhile; after `budgetMs` nobody is waited for.
 */
export function shutWhenEmpty(wall: WallAddon, sockets: readonly number[], budgetMs: number): void {
  const waiting = sockets.filter((socket) => budgetMs > 0 && wall.queuedConnections(socket) > 0);
  for (const socket of sockets) if (!waiting.includes(socket)) wall.shutListener(socket);
  if (waiting.length === 0) return;
  setTimeout(() => shutWhenEmpty(wall, waiting, budgetMs - POLL_MS), POLL_MS).unref();
}
