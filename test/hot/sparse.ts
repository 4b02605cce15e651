// sparse.ts: CDB files of gigabytes made by hand in memory that is never touched but where records
// are.
import { cdbHash } from '../../src/format/hash.ts';
import {
  CDB_HEADER_BYTES,
  CDB_RECORD_HEAD_BYTES,
  CDB_SLOT_BYTES,
} from '../../src/format/layout.ts';

export interface Record {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Records that follow each other, the first at `at`. */
export interface Group {
  readonly at: number;
  readonly records: readonly Record[];
}

interface Placed {
  readonly at: number;
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
  readonly valueBytes: number;
}

/** The gap before each group is one record whose value is all zero. Groups must be in order. */
export function sparseArchive(groups: readonly Group[]): ArrayBuffer {
  const placed: Placed[] = [];
  let at = CDB_HEADER_BYTES;
  const place = (key: Uint8Array, value: Uint8Array | undefined, valueBytes: number): void => {
    placed.push({ at, key, value, valueBytes });
    at += CDB_RECORD_HEAD_BYTES + key.length + valueBytes;
  };
  for (const [index, group] of groups.entries()) {
    const gap = Buffer.from(`b${index}`);
    const gapBytes = group.at - at - CDB_RECORD_HEAD_BYTES - gap.length;
    if (gapBytes >= 0) place(gap, undefined, gapBytes);
    for (const { key, value } of group.records) place(key, value, value.length);
  }
  const archive = new ArrayBuffer(at + placed.length * 2 * CDB_SLOT_BYTES);
  const bytes = new Uint8Array(archive);
  const view = new DataView(archive);
  for (const { at, key, value, valueBytes } of placed) {
    view.setUint32(at, key.length, true);
    view.setUint32(at + 4, valueBytes, true);
    bytes.set(key, at + CDB_RECORD_HEAD_BYTES);
    if (value) bytes.set(value, at + CDB_RECORD_HEAD_BYTES + key.length);
  }
  writeTables(view, at, placed);
  return archive;
}

/** https://cr.yp.to/cdb/cdb.txt: 256 tables, each with twice as many slots as records. */
function writeTables(view: DataView, start: number, placed: readonly Placed[]): void {
  const tables: Placed[][] = Array.from({ length: 256 }, () => []);
  const hashOf = ({ key }: Placed): number => cdbHash(key, 0, key.length);
  for (const record of placed) tables[hashOf(record) & 255]!.push(record);
  let at = start;
  for (const [number, records] of tables.entries()) {
    const slots = records.length * 2;
    view.setUint32(number * 8, at, true);
    view.setUint32(number * 8 + 4, slots, true);
    for (const record of records) {
      const hash = hashOf(record);
      let slot = (hash >>> 8) % slots;
      while (view.getUint32(at + slot * CDB_SLOT_BYTES + 4, true) !== 0) slot = (slot + 1) % slots;
      view.setUint32(at + slot * CDB_SLOT_BYTES, hash, true);
      view.setUint32(at + slot * CDB_SLOT_BYTES + 4, record.at, true);
    }
    at += slots * CDB_SLOT_BYTES;
  }
}
