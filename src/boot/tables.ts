// tables.ts: opens the ring on the hot zone's tables, after both sides agree on every number of the
// contract.
import { SLOTS } from '../hot/note.ts';
import * as hot from '../hot/ring.ts';
import * as limits from '../limits.ts';
import type { Ring, WallAddon } from '../native.ts';
import { openNetworks } from './networks.ts';
import type { FixedOrders } from './orders.ts';

/** Name in native/ring.h, number in src/hot/ring.ts or src/limits.ts. */
const CONTRACT: readonly (readonly [string, number])[] = [
  ['RING_EVENT_CONNECTION', hot.EVENT_CONNECTION],
  ['RING_EVENT_KIND', hot.EVENT_KIND],
  ['RING_EVENT_OFFSET', hot.EVENT_OFFSET],
  ['RING_EVENT_LENGTH', hot.EVENT_LENGTH],
  ['RING_EVENT_FIELDS', hot.EVENT_FIELDS],
  ['RING_OPENED', hot.OPENED],
  ['RING_DATA', hot.DATA],
  ['RING_HALF_CLOSED', hot.HALF_CLOSED],
  ['RING_CLOSED', hot.CLOSED],
  ['RING_EXPIRED', hot.EXPIRED],
  ['RING_REFUSED', hot.REFUSED],
  ['RING_DRAINED', hot.DRAINED],
  ['RING_CONTROL', hot.CONTROL],
  ['RING_TICK', hot.TICK],
  ['RING_OUTBOX_FIELDS', hot.OUTBOX_FIELDS],
  ['RING_SEND_ARCHIVE', hot.SEND_ARCHIVE],
  ['RING_SEND_SCRATCH', hot.SEND_SCRATCH],
  ['RING_CONSUMED', hot.CONSUMED],
  ['RING_FINISH', hot.FINISH],
  ['RING_NOTE', hot.NOTE],
  ['RING_TEXT', hot.TEXT],
  ['RING_AGAIN', hot.AGAIN],
  ['JOURNAL_TEXTS', limits.NOTE_TEXTS],
  ['JOURNAL_SLOTS', SLOTS],
  ['RING_NUMBER_BITS', Math.log2(hot.NUMBER_MASK + 1)],
  ['RING_CONNECTIONS_MAX', limits.CONNECTIONS_MAX],
  ['RING_PARTS_MAX', limits.PARTS_MAX],
  ['RING_PEER_BYTES', limits.PEER_BYTES],
  ['RING_PEER_TRUSTED', hot.PEER_TRUSTED],
  ['RING_NETWORK_BYTES', limits.NETWORK_BYTES],
];

export function openTables(wall: WallAddon, archive: ArrayBuffer, orders: FixedOrders): Ring {
  for (const [name, number] of CONTRACT) {
    if (wall.layout[name] !== number) {
      throw new Error(
        `ring contract: ${name} is ${wall.layout[name]} in the addon, ${number} here`,
      );
    }
  }
  return new wall.Ring({
    inbox: hot.inbox,
    events: hot.events,
    outbox: hot.outbox,
    scratch: hot.scratch,
    scratchStaticBytes: limits.SCRATCH_STATIC_BYTES,
    archive,
    peers: hot.peers,
    connectionsMax: orders.connectionsMax,
    connectionsSpare: limits.CONNECTIONS_SPARE,
    connectionsPerAddress: orders.connectionsPerAddress,
    trusted: openNetworks(orders.trusted),
    inputBytesMax: limits.INPUT_BYTES_MAX,
    carryBlocks: limits.CARRY_BLOCKS,
    pendingBlocks: limits.PENDING_BLOCKS,
    pendingScratchBytes: limits.SCRATCH_PARTS_BYTES_MAX,
    acceptsPerTurn: limits.ACCEPTS_PER_TURN,
    headerTimeoutMs: orders.headerTimeoutMs,
    idleTimeoutMs: orders.idleTimeoutMs,
    writeTimeoutMs: orders.writeTimeoutMs,
    writeBytesMin: Math.max(1, Math.floor((orders.sendRateMin * orders.writeTimeoutMs) / 1_000)),
    lingerSilenceMs: Math.min(limits.LINGER_SILENCE_MS, orders.lingerTimeoutMs),
    lingerTotalMs: orders.lingerTimeoutMs,
    acceptPauseMs: limits.ACCEPT_PAUSE_MS,
    controlDescriptor: orders.controlDescriptor,
    journalDescriptor: orders.journalDescriptor,
  });
}
