// bound.ts: the most memory a worker can own, computed from src/limits.ts. docs/limits.md states it
// and is held against this.
import { ROW } from '../../src/hot/request.ts';
import * as limits from '../../src/limits.ts';

/** One part of the bound. `each` bytes, `count` times. */
export interface Share {
  readonly name: string;
  readonly each: number;
  readonly count: number;
}

/** sizeof struct ring_connection and of struct ring_pending without its copies: ring_state.h. */
const CONNECTION_BYTES = 88;
const PENDING_HEAD_BYTES = 16 + 16 * limits.PARTS_MAX;
const PENDING_ALIGNMENT = 64;
/** Of a request that is read. */
const UNFINISHED_BYTES = ROW * 4;
/** sizeof struct peer_address, and a bucket of its table: native/peers.h. */
const ADDRESS_BYTES = 16;
const BUCKET_BYTES = 4;
const POOL_ENTRY_BYTES = 4;
/** Rows of four 32-bit integers, native/ring.h. */
const ROW_BYTES = 16;
/** Node, V8's heap and code, small tables: after boot about 9 MiB, and it breathes. */
export const RUNTIME_BYTES = 16 * 1024 * 1024;

export const CARRY_BLOCK_BYTES = limits.INPUT_BYTES_MAX;
export const PENDING_BLOCK_BYTES =
  Math.ceil((PENDING_HEAD_BYTES + limits.SCRATCH_PARTS_BYTES_MAX) / PENDING_ALIGNMENT) *
  PENDING_ALIGNMENT;

/** Of a worker that has had at most `open` connections at one time and may have `max`. */
export function shares(max: number, open = max): readonly Share[] {
  const slots = max + limits.CONNECTIONS_SPARE;
  const used = open + limits.CONNECTIONS_SPARE;
  const row = CONNECTION_BYTES + limits.PEER_BYTES + UNFINISHED_BYTES + POOL_ENTRY_BYTES;
  return [
    { name: 'runtime', each: RUNTIME_BYTES, count: 1 },
    { name: 'inbox', each: limits.INBOX_BYTES, count: 1 },
    { name: 'scratch', each: limits.SCRATCH_BYTES, count: 1 },
    { name: 'event rows', each: ROW_BYTES, count: limits.EVENT_ROWS },
    { name: 'outbox rows', each: ROW_BYTES, count: limits.OUTBOX_ROWS },
    { name: 'connection rows', each: row, count: slots },
    { name: 'addresses', each: ADDRESS_BYTES, count: slots },
    { name: 'buckets of addresses', each: BUCKET_BYTES, count: powerOfTwo(slots) },
    { name: 'carry blocks', each: CARRY_BLOCK_BYTES, count: Math.min(used, limits.CARRY_BLOCKS) },
    {
      name: 'pending blocks',
      each: PENDING_BLOCK_BYTES,
      count: Math.min(used, limits.PENDING_BLOCKS),
    },
  ];
}

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(least));
}

/** Bytes, as privateBytes of proc.ts measures them. */
export function memoryBound(max: number, open = max): number {
  return shares(max, open).reduce((sum, { each, count }) => sum + each * count, 0);
}
