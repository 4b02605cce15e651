// cdb.ts: reads records of a whole CDB file that src/boot/archive.ts has found sound.
//
// Nothing is checked again here. The server's own lookup is in src/hot; this one is for tools and
// tests.
import { cdbHash } from './hash.ts';
import { CDB_HEADER_BYTES, CDB_RECORD_HEAD_BYTES, CDB_SLOT_BYTES } from './layout.ts';
import { viewOf } from './source.ts';

export interface Record {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** Absolute offset of the value. */
  readonly valueAt: number;
}

/** Every record in the order of writing; keys and values are views, not copies. */
export function* cdbRecords(bytes: Uint8Array): Generator<Record> {
  const view = viewOf(bytes);
  const end = view.getUint32(0, true);
  for (let at = CDB_HEADER_BYTES; at < end;) {
    const record = recordAt(bytes, view, at);
    yield record;
    at = record.valueAt + record.value.length;
  }
}

export function cdbFind(bytes: Uint8Array, key: Uint8Array): Record | undefined {
  const view = viewOf(bytes);
  const hash = cdbHash(key, 0, key.length);
  const table = view.getUint32((hash & 255) * 8, true);
  const slots = view.getUint32((hash & 255) * 8 + 4, true);
  for (let tried = 0; tried < slots; tried++) {
    const slot = table + (((hash >>> 8) + tried) % slots) * CDB_SLOT_BYTES;
    const at = view.getUint32(slot + 4, true);
    if (at === 0) return undefined;
    if (view.getUint32(slot, true) !== hash) continue;
    const record = recordAt(bytes, view, at);
    if (Buffer.compare(record.key, key) === 0) return record;
  }
  return undefined;
}

function recordAt(bytes: Uint8Array, view: DataView, at: number): Record {
  const keyAt = at + CDB_RECORD_HEAD_BYTES;
  const valueAt = keyAt + view.getUint32(at, true);
  const end = valueAt + view.getUint32(at + 4, true);
  return { key: bytes.subarray(keyAt, valueAt), value: bytes.subarray(valueAt, end), valueAt };
}
