// forge.ts: archives that are a CDB with the right digest and still not what cdbpack makes.
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestArchive } from '../../src/boot/digest.ts';
import { cdbRecords } from '../../src/format/cdb.ts';
import {
  CDB_HEADER_BYTES,
  CDB_RECORD_HEAD_BYTES,
  MANIFEST_DIGEST_AT,
  ROUTE_HEAD_BYTES,
  VARIANT_BYTES,
  VARIANT_HEAD_AT,
} from '../../src/format/layout.ts';
import { sha256 } from '../../archiver/store.ts';
import { addon, soundArchive, soundSites } from '../archiver/fixture.ts';
import { noise, temporaryFolder } from '../support/site.ts';

export interface Forged {
  key: Buffer;
  value: Buffer;
}

const line = 'The same words again and again make a page that is worth a coding.\n';

/** One of each: coded and plain bodies, redirect, fallback, empty file. */
export const { bytes: GOOD } = await soundArchive({
  'index.html': '<!doctype html><title>Home</title>\n',
  'a.html': `<!doctype html><pre>${line.repeat(20)}`,
  'd/index.html': 'index of d\n',
  'noise.bin': noise(300, 1),
  'empty.txt': '',
  '404.html': 'not here\n',
});

/** Two sites by host and a default one; rewrites, fallbacks and a redirect in one of them. */
export const { bytes: HOSTED } = await soundSites({
  '': { 'index.html': 'default\n', '200.html': 'app\n' },
  'a.example': { 'd/index.html': 'a\n', 'd/200.html': 'app\n', '404.html': 'not here\n' },
  'b.example': { 'index.html': 'default\n' },
});

const folder = temporaryFolder();

/**
 * The records with the header blocks before all routes, so that a change of routes moves nothing
 * that they point at.
 */
export function recordsOf(bytes: Uint8Array): Forged[] {
  const all = [...cdbRecords(bytes)].map(({ key, value, valueAt }) => ({
    key: Buffer.from(key),
    value: Buffer.from(value),
    valueAt,
  }));
  const isStored = ({ key }: Forged) => !/^(?:404|200)?[/@]/.test(key.toString('latin1'));
  const stored = all.filter(isStored);
  const routes = all.filter((record) => !isStored(record));
  const moved = new Map<number, number>();
  let at = CDB_HEADER_BYTES;
  for (const { key, value, valueAt } of stored) {
    at += CDB_RECORD_HEAD_BYTES + key.length;
    moved.set(valueAt, at);
    at += value.length;
  }
  for (const { value } of routes) {
    for (let variant = ROUTE_HEAD_BYTES; variant < value.length; variant += VARIANT_BYTES) {
      const headAt = moved.get(value.readUInt32LE(variant + VARIANT_HEAD_AT))!;
      value.writeUInt32LE(headAt, variant + VARIANT_HEAD_AT);
    }
  }
  return [...stored, ...routes].map(({ key, value }) => ({ key, value }));
}

/** A CDB of these records; with a manifest among them, its digest is made right. */
export function makeCdb(records: readonly Forged[]): Buffer {
  const path = join(folder, 'forged.cdb');
  const descriptor = openSync(path, 'w+');
  const make = new addon.CdbMake(descriptor);
  let manifestAt = -1;
  for (const { key, value } of records) {
    const at = make.add(key, value);
    if (key.toString() === 'cdbsite') manifestAt = at;
  }
  make.finish();
  closeSync(descriptor);
  const bytes = readFileSync(path);
  if (manifestAt >= 0) {
    bytes.write(digestArchive(bytes, manifestAt), manifestAt + MANIFEST_DIGEST_AT, 'latin1');
  }
  return bytes;
}

/** An archive with its records changed; offsets stay right while lengths stay the same. */
export function forge(change: (records: Forged[]) => void, from = GOOD): Buffer {
  const records = recordsOf(from);
  change(records);
  return makeCdb(records);
}

export function recordOf(records: readonly Forged[], key: string): Forged {
  const found = records.find((record) => record.key.toString() === key);
  if (!found) throw new Error(`no record ${key}`);
  return found;
}

/** Changes the header block that holds `from` into one of the same length, under its new digest. */
export function forgeHead(match: RegExp, from: string, to: string): Buffer {
  if (from.length !== to.length) throw new Error('another length');
  return forge((records) => {
    const head = records.find(({ key, value }) => {
      return key.length === 33 && key[0] === 0x68 && match.test(value.toString('latin1'));
    });
    const text = head?.value.toString('latin1') ?? '';
    if (!head || !text.includes(from)) throw new Error(`no head with ${from}`);
    head.value = Buffer.from(text.replace(from, to), 'latin1');
    head.key = Buffer.concat([Buffer.from('h'), sha256(head.value)]);
  });
}

/** The text with which an archive is refused. */
export function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    const { name, message, exitCode } = error as Error & { exitCode?: number };
    if (name === 'Failure' && exitCode === 3) return message;
    throw error;
  }
  throw new Error('it was not refused');
}
