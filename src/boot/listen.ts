// listen.ts: binds the listening sockets, in the supervisor, which keeps them open over every
// worker's death.
import type { Address } from '../config.ts';
import { EXIT, Failure } from '../errors.ts';
import type { WallAddon } from '../native.ts';

const BACKLOG = 4_096;

export interface Listener {
  readonly address: Address;
  /** As bound: never 0. */
  readonly port: number;
  /** One socket for each worker, of one SO_REUSEPORT group. */
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
    if (workers > 1 && address.port !== 0) expectFree(wall, address);
    const first = wall.listenTcp(address.host, address.port, workers > 1, BACKLOG);
    const port = wall.boundPort(first);
    const sockets = [first];
    while (sockets.length < workers) {
      sockets.push(wall.listenTcp(address.host, port, true, BACKLOG));
    }
    for (const socket of sockets) wall.setUserTimeout(socket, writeTimeoutMs);
    return { address, port, sockets };
  } catch (error) {
    throw bindFailure(address, error as NodeJS.ErrnoException);
  }
}

/**
 * A second server of the same user could join the SO_REUSEPORT group unnoticed; a plain bind
 * cannot.
 */
function expectFree(wall: WallAddon, { host, port }: Address): void {
  wall.closeDescriptor(wall.listenTcp(host, port, false, BACKLOG));
}

export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What a person types into a browser. */
export function urlOf({ address, port }: Listener): string {
  const host =
    address.host === '' ? 'localhost' : addressText({ ...address, port: 0 }).slice(0, -2);
  const shown = port === 80 ? '' : `:${port}`;
  return `http://${host}${shown}/${address.host === '' ? ' (all addresses)' : ''}`;
}

const REMEDIES: Readonly<Record<string, (port: number) => string>> = {
  EACCES: () => 'Not started as root, and the port is below 1024. Try --listen :8080.',
  EADDRINUSE: (port) => `Another process listens there (ss -ltnp 'sport = :${port}').`,
  EADDRNOTAVAIL: () => 'No interface of this machine has that address (ip address).',
  EAFNOSUPPORT: () => 'This kernel has no such address family. Try an IPv4 address.',
};

function bindFailure(address: Address, error: NodeJS.ErrnoException): Failure {
  const code = error.code ?? error.message;
  const remedy = REMEDIES[code]?.(address.port) ?? `${error.syscall ?? 'bind'} failed.`;
  const text = `cannot bind ${addressText(address)}: ${code}. ${remedy}`;
  return new Failure(EXIT.cannotBind, text, { cause: error });
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
