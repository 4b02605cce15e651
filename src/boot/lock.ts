// lock.ts: takes a worker from stage to stage.
import { filterRefused } from '../errors.ts';
import type { Ring, WallAddon } from '../native.ts';
import type { FixedOrders } from './orders.ts';
import { type Block, type Facts, descriptors, flatten, from, range, rulesOf } from './rules.ts';
import { CODE_CHANGE_BYTES, LOAD, type Mode, type Row, SERVE, VERIFY, rowsOf } from './stages.ts';

const STANDARD_ERROR = 2;
/** Node opens some twenty; what lies above has been inherited and is none of its own. */
const SCAN_END = 256;

/** A protection that must be there is not: words for an operator. */
export class Unprotected extends Error {}

export function harden(wall: WallAddon, { lockdown }: Pick<FixedOrders, 'lockdown'>): void {
  const { dumpable } = wall.harden(lockdown === 'jitless');
  if (dumpable)
    throw new Unprotected('PR_SET_DUMPABLE 0 was not taken. Look for an outer sandbox.');
}

/** Everything but the connections, which are known when the descriptors are in order. */
export function findFacts(wall: WallAddon, ring: Ring, orders: FixedOrders): Facts {
  const epoll = ring.epoll();
  return {
    ...findOwnFacts(wall, orders, epoll),
    listeners: descriptors([...orders.listeners, ...orders.adoptable.flat()]),
    'control socket': descriptors([orders.controlDescriptor]),
    'ring epoll': descriptors([epoll]),
    connections: [],
  };
}

/** What Node and V8 have, and `epoll` is none of theirs. */
function findOwnFacts(wall: WallAddon, orders: FixedOrders, epoll?: number) {
  const kinds = Array.from({ length: SCAN_END }, (_, number) => wall.descriptorKind(number));
  const ofKind = (wanted: string) =>
    kinds.flatMap((kind, number) => (kind === wanted && number !== epoll ? [number] : []));
  return {
    'epolls of libuv': descriptors(ofKind('epoll')),
    eventfds: descriptors(ofKind('eventfd')),
    'standard error': descriptors([STANDARD_ERROR]),
    'code range': orders.lockdown === 'standard' ? codeWindows(wall) : [],
  };
}

function codeWindows(wall: WallAddon): readonly Block[] {
  const { start, bytes } = wall.codeRange();
  if (bytes > BigInt(CODE_CHANGE_BYTES)) {
    return range(start, start + bytes - BigInt(CODE_CHANGE_BYTES));
  }
  throw new Unprotected(
    `this Node (${process.version}) does not tell where its compiler places code: no rule could ` +
      'keep other memory from becoming executable. Try --lockdown jitless, or Node 20.',
  );
}

export function lockLoad(wall: WallAddon, facts: Facts, mode: Mode): void {
  install(wall, 'load', rowsOf(LOAD, mode), facts);
}

/** Connections have the numbers from `first` on. */
export function lockServe(wall: WallAddon, facts: Facts, mode: Mode, first: number): void {
  install(wall, 'serve', rowsOf(SERVE, mode), { ...facts, connections: from(BigInt(first)) });
}

/** Of somebody who has nobody to serve: all it has is the socket it answers by. */
export function lockVerify(wall: WallAddon, orders: FixedOrders): void {
  const facts = {
    ...findOwnFacts(wall, orders),
    listeners: [],
    'control socket': [],
    'ring epoll': [],
    connections: descriptors([orders.bootDescriptor]),
  };
  install(wall, 'verify', rowsOf(VERIFY, { ...orders, heapReport: false }), facts);
}

function install(wall: WallAddon, stage: string, rows: readonly Row[], facts: Facts): void {
  try {
    wall.allowOnly(...flatten(rulesOf(rows, facts)));
  } catch (error) {
    const text = filterRefused(`stage ${stage}`, (error as Error).message);
    throw new Unprotected(text, { cause: error });
  }
}
