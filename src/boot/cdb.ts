// cdb.ts: whether a file is a sound CDB, every byte of it accounted for.
//
// Pure TypeScript. Positions reach 2^32 and stay plain numbers: no bit
// operation on them.
import { cdbHash } from '../format/hash.ts';
import {
  ARCHIVE_BYTES_MAX,
  CDB_HEADER_BYTES,
  CDB_RECORD_HEAD_BYTES,
  CDB_SLOT_BYTES,
} from '../format/layout.ts';
import { glance, viewOf, wordsOf } from '../format/source.ts';
import type { Source, Words } from '../format/source.ts';
import { CHANGED, CUT_SHORT, NO_ARCHIVE, describeKey, refusal } from './refusal.ts';

const TABLES = 256;
/**
 * Slots looked at per record on average: far above any site's, and low enough that no file hangs
 * us.
 */
const PROBES_MAX = 1_000;

interface File {
  readonly name: string;
  readonly bytes: Source;
  readonly view: Words;
}

interface Tables {
  readonly recordsEnd: number;
  readonly slots: number;
}

interface OpenTables extends Tables {
  /** All slots; the first is at recordsEnd. */
  readonly view: DataView;
}

/**
 * Absolute offsets of all records in ascending order; throws a Failure (archiveRefused) that names
 * the fault.
 */
export function checkCdb(bytes: Source, name: string): Uint32Array {
  const file = { name, bytes, view: wordsOf(bytes) };
  const tables = checkTables(file);
  const records = walkRecords(file, tables);
  const open = openTables(bytes, tables);
  checkLookups(file, records, open);
  checkSlots(file, open);
  return records;
}

/** As checkCdb(), and does not ask whether they are found by their keys. */
export function findRecords(bytes: Source, name: string): Uint32Array {
  const file = { name, bytes, view: wordsOf(bytes) };
  return walkRecords(file, checkTables(file));
}

function checkSize({ name, bytes }: File): void {
  const size = bytes.length;
  if (size === 0) throw refusal(name, '', 'the file is empty', NO_ARCHIVE);
  const start = bytes.subarray(0, Math.min(size, 512));
  if (start.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d))) {
    throw refusal(name, '', 'the file begins as a text file, not as a CDB', NO_ARCHIVE);
  }
  if (size < CDB_HEADER_BYTES) {
    const what = `${size} bytes are less than the ${CDB_HEADER_BYTES} of a CDB header`;
    throw refusal(name, '', what, CUT_SHORT);
  }
  if (size > ARCHIVE_BYTES_MAX) {
    throw refusal(name, '', `${size} bytes are more than a CDB can have`, NO_ARCHIVE);
  }
}

function checkTables(file: File): Tables {
  checkSize(file);
  const { name, bytes, view } = file;
  const recordsEnd = view.getUint32(0, true);
  if (recordsEnd < CDB_HEADER_BYTES) {
    throw refusal(name, 'the header', 'the file is no CDB', NO_ARCHIVE);
  }
  let end = recordsEnd;
  let slots = 0;
  for (let table = 0; table < TABLES; table++) {
    const position = view.getUint32(table * 8, true);
    if (position !== end) {
      const what = `hash table ${table} begins at ${position}, the one before ends at ${end}`;
      throw refusal(name, 'the header', what, 'The file is no sound CDB: copy it again.');
    }
    const count = view.getUint32(table * 8 + 4, true);
    slots += count;
    end += count * CDB_SLOT_BYTES;
  }
  if (end > bytes.length) {
    const what = `hash tables end at ${end}, past the end ${bytes.length}`;
    throw refusal(name, 'the header', what, CUT_SHORT);
  }
  if (end < bytes.length) {
    const what = `${bytes.length - end} bytes follow the last hash table`;
    throw refusal(name, 'its end', what, CHANGED);
  }
  return { recordsEnd, slots };
}

/** They are looked at here and there: of an archive in a file they are read as a whole. */
function openTables(bytes: Source, { recordsEnd, slots }: Tables): OpenTables {
  const view = viewOf(bytes.subarray(recordsEnd, recordsEnd + slots * CDB_SLOT_BYTES));
  return { recordsEnd, slots, view };
}

function walkRecords({ name, bytes, view }: File, { recordsEnd, slots }: Tables): Uint32Array {
  const records = new Uint32Array(Math.ceil(slots / 2));
  let count = 0;
  let at = CDB_HEADER_BYTES;
  for (; at < recordsEnd; count++) {
    const keyAt = at + CDB_RECORD_HEAD_BYTES;
    const valueAt = keyAt <= recordsEnd ? keyAt + view.getUint32(at, true) : keyAt;
    const next = keyAt <= recordsEnd ? valueAt + view.getUint32(at + 4, true) : keyAt;
    if (next > recordsEnd) {
      const where = valueAt > recordsEnd ? '' : `${describeKey(bytes.subarray(keyAt, valueAt))}, `;
      const what = `the record ends at ${next}, past the end of records ${recordsEnd}`;
      throw refusal(name, `${where}offset ${at}`, what, CHANGED);
    }
    if (count === records.length) {
      const what = `there are more records than the ${records.length} in its hash tables`;
      throw refusal(name, `offset ${at}`, what, CHANGED);
    }
    records[count] = at;
    at = next;
  }
  if (count * 2 !== slots) {
    const what = `${count} records and ${slots} slots, which must be twice as many`;
    throw refusal(name, 'the hash tables', what, CHANGED);
  }
  return records;
}

/** Each record is found by its key as any CDB reader looks it up, and no key is there twice. */
function checkLookups(file: File, records: Uint32Array, tables: OpenTables): void {
  const { name, bytes, view } = file;
  let probes = records.length * PROBES_MAX;
  for (const record of records) {
    const keyBytes = view.getUint32(record, true);
    const keyAt = record + CDB_RECORD_HEAD_BYTES;
    const hash = cdbHash(glance(bytes, keyAt, keyAt + keyBytes), 0, keyBytes);
    const table = view.getUint32((hash & 255) * 8, true) - tables.recordsEnd;
    const slots = view.getUint32((hash & 255) * 8 + 4, true);
    const start = slots === 0 ? 0 : (hash >>> 8) % slots;
    const key = () => describeKey(bytes.subarray(keyAt, keyAt + keyBytes));
    for (let tried = 0; ; tried++) {
      const slot = table + ((start + tried) % slots) * CDB_SLOT_BYTES;
      const found = tried >= slots ? 0 : tables.view.getUint32(slot + 4, true);
      if (found === 0) throw refusal(name, key(), 'no hash slot leads to it', CHANGED);
      const sameHash = tables.view.getUint32(slot, true) === hash;
      if (sameHash && found === record) break;
      if (sameHash && sameKey(file, found, record)) {
        throw refusal(name, key(), 'its key is there twice', CHANGED);
      }
      if (--probes < 0) {
        const what = 'its lookup is too long, as in a table made for that';
        throw refusal(name, key(), what, 'Rename the files whose keys have like hashes.');
      }
    }
  }
}

/** `found` comes from a slot and may be any number; `record` is known to be sound. */
function sameKey({ bytes, view }: File, found: number, record: number): boolean {
  const keyBytes = view.getUint32(record, true);
  const end = found + CDB_RECORD_HEAD_BYTES + keyBytes;
  if (end > bytes.length || view.getUint32(found, true) !== keyBytes) return false;
  const keyAt = record + CDB_RECORD_HEAD_BYTES;
  const left = bytes.subarray(found + CDB_RECORD_HEAD_BYTES, end);
  return Buffer.compare(left, bytes.subarray(keyAt, keyAt + keyBytes)) === 0;
}

/**
 * Every record has a slot of its own, so that as many used slots as records means: none leads
 * astray.
 */
function checkSlots({ name }: File, { view, slots }: OpenTables): void {
  let used = 0;
  for (let slot = 0; slot < slots; slot++) {
    const at = slot * CDB_SLOT_BYTES;
    const position = view.getUint32(at + 4, true);
    if (position !== 0) used++;
    else if (view.getUint32(at, true) !== 0) {
      throw refusal(name, `hash slot ${slot}`, 'it is empty, but has a hash', CHANGED);
    }
  }
  if (used * 2 !== slots) {
    throw refusal(name, 'the hash tables', `${used} of ${slots} slots are used, not half`, CHANGED);
  }
}
