// records.ts: the records of a CDB file in order, read by positions, so that its length is no
// matter. https://cr.yp.to/cdb/cdb.txt
import { closeSync, openSync, readSync } from 'node:fs';

export interface CdbRecordPlace {
  /** In latin1. */
  readonly key: string;
  readonly valueAt: number;
  readonly valueBytes: number;
}

const HEADER_BYTES = 2_048;
const RECORD_HEAD_BYTES = 8;

export function recordsOf(path: string): CdbRecordPlace[] {
  const file = openSync(path, 'r');
  const read = (at: number, bytes: number): Buffer => {
    const buffer = Buffer.alloc(bytes);
    if (readSync(file, buffer, 0, bytes, at) !== bytes) throw new Error(`${path} ends at ${at}`);
    return buffer;
  };
  try {
    // The first hash table stands behind the last record.
    const end = read(0, 4).readUInt32LE();
    const records: CdbRecordPlace[] = [];
    for (let at = HEADER_BYTES; at < end;) {
      const head = read(at, RECORD_HEAD_BYTES);
      const [keyBytes, valueBytes] = [head.readUInt32LE(0), head.readUInt32LE(4)];
      const valueAt = at + RECORD_HEAD_BYTES + keyBytes;
      const key = read(at + RECORD_HEAD_BYTES, keyBytes).toString('latin1');
      records.push({ key, valueAt, valueBytes });
      at = valueAt + valueBytes;
    }
    return records;
  } finally {
    closeSync(file);
  }
}
