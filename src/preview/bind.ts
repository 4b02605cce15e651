// bind.ts: the sockets of a preview, and another port where the one that was meant is taken.
import type { TcpAddress } from '../addresses.ts';
import { type Listener, addressText, listen } from '../boot/listen.ts';
import { Failure } from '../errors.ts';
import type { WallAddon } from '../native.ts';

const PORTS_TRIED = 20;
const PORT_MAX = 65_535;

/** Throws a Failure (cannotBind). */
export function bind(wall: WallAddon, address: TcpAddress, writeTimeoutMs: number): Listener {
  try {
    return listen(wall, address, 1, writeTimeoutMs);
  } catch (error) {
    if (!(error instanceof Failure) || !isTaken(error.cause)) throw error;
    const free = freeBeside(wall, address);
    if (free === undefined) throw error;
    const remedy = `Port ${free.port} is free: --listen ${addressText(free)}.`;
    throw Object.assign(error, { message: `${error.message} ${remedy}` });
  }
}

function freeBeside(wall: WallAddon, { host, port }: TcpAddress): TcpAddress | undefined {
  for (let other = port + 1; other <= Math.min(port + PORTS_TRIED, PORT_MAX); other++) {
    try {
      wall.closeDescriptor(wall.listenTcp(host, other, false, 1));
      return { host, port: other };
    } catch (error) {
      if (!isTaken(error)) return undefined;
    }
  }
  return undefined;
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE';
}
