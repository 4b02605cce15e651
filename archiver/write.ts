// write.ts: makes the archive that a plan describes and puts it in its place.
//
// The target is replaced by rename alone, after the server's own loader has found the new file
// sound.
import { createHash } from 'node:crypto';
import { fstatSync, fsyncSync, readSync, writeSync } from 'node:fs';
import {
  CODING_NAMES,
  FORMAT,
  KEY_MANIFEST,
  MANIFEST_DIGEST_AT,
  MANIFEST_DIGEST_BYTES,
} from '../src/format/layout.ts';
import { encodeManifest, manifestBytes } from '../src/format/manifest.ts';
import type { Manifest } from '../src/format/manifest.ts';
import type { CdbAddon, CdbMake } from '../src/native.ts';
import { fillStore, startTotals } from './fill.ts';
import type { FillOptions, Totals } from './fill.ts';
import type { Plan } from './plan.ts';
import { ArchiveFull, Store } from './store.ts';
import { attempt, openTemporary, writeFailure } from './temporary.ts';
import { tooLarge } from './too_large.ts';
import { verifyWritten } from './verify.ts';

export interface WriteOptions extends FillOptions {
  /** As checkTarget gave it. */
  readonly target: string;
  readonly addon: CdbAddon;
  readonly tool: Manifest['tool'];
  readonly archiveBytesMax: number;
}

export interface WriteReport extends Totals {
  readonly manifest: Manifest;
  readonly archiveBytes: number;
}

const READ_BYTES = 4 * 1024 * 1024;

/** Throws a Failure, and leaves the target as it was, when anything goes wrong. */
export async function writeArchive(plan: Plan, options: WriteOptions): Promise<WriteReport> {
  const temporary = openTemporary(options.target);
  try {
    const make = new options.addon.CdbMake(temporary.descriptor);
    const totals = startTotals();
    const seal = await writeRecords(make, plan, options, totals);
    attempt(options.target, () => seal(temporary.descriptor));
    const archiveBytes = fstatSync(temporary.descriptor).size;
    options.watch.phase('verifying', { items: 0, bytes: archiveBytes });
    const { manifest } = verifyWritten(temporary.path, options.target);
    temporary.publish();
    return { ...totals, manifest, archiveBytes };
  } finally {
    temporary.discard();
  }
}

type Seal = (descriptor: number) => void;

/** Gives the step that completes the file: the manifest stands first and is known last. */
async function writeRecords(
  make: CdbMake,
  plan: Plan,
  options: WriteOptions,
  totals: Totals,
): Promise<Seal> {
  const { target, tool, archiveBytesMax } = options;
  const { hosts } = plan;
  const store = new Store(make, archiveBytesMax);
  try {
    const empty = new Uint8Array(manifestBytes({ tool, hosts }));
    const manifestAt = store.add(Buffer.from(KEY_MANIFEST), empty);
    const codings = await fillStore(store, plan, options, totals);
    make.finish();
    const manifest = encodeManifest(manifestOf(plan, store, codings, tool));
    return (descriptor) => sealFile(descriptor, manifest, manifestAt);
  } catch (error) {
    if (!(error instanceof ArchiveFull)) throw writeFailure(target, error);
    const [identity, ...coded] = totals.codings.map((total) => total.bytes);
    const stored = { identity: identity!, coded: coded.reduce((sum, bytes) => sum + bytes, 0) };
    throw tooLarge(plan.files, stored, archiveBytesMax);
  }
}

function manifestOf(
  plan: Plan,
  store: Store,
  codings: number,
  tool: Manifest['tool'],
): Omit<Manifest, 'digest'> {
  return {
    format: FORMAT,
    tool,
    files: plan.routes.own,
    routes: plan.routes.length + plan.redirects.routes.length,
    fallbacks: plan.fallbacks.length,
    rewrites: plan.rewrites.length,
    rules: plan.redirects.tables.reduce((sum, { rules }) => sum + rules.length, 0),
    bodies: store.bodies,
    heads: store.heads,
    codings: CODING_NAMES.filter((_, coding) => coding > 0 && (codings & (1 << coding)) !== 0),
    defaultSite: plan.defaultSite,
    hosts: plan.hosts,
  };
}

function sealFile(descriptor: number, manifest: Uint8Array, manifestAt: number): void {
  writeAll(descriptor, manifest, manifestAt);
  const digest = Buffer.from(digestFile(descriptor, manifestAt + MANIFEST_DIGEST_AT));
  writeAll(descriptor, digest, manifestAt + MANIFEST_DIGEST_AT);
  fsyncSync(descriptor);
}

/** SHA-256 in hexadecimal of every byte but the digits at `digitsAt`. */
function digestFile(descriptor: number, digitsAt: number): string {
  const sum = createHash('sha256');
  const buffer = Buffer.alloc(READ_BYTES);
  for (let at = 0; ;) {
    if (at === digitsAt) at += MANIFEST_DIGEST_BYTES;
    const room = at < digitsAt ? Math.min(READ_BYTES, digitsAt - at) : READ_BYTES;
    const taken = readSync(descriptor, buffer, 0, room, at);
    if (taken === 0) return sum.digest('hex');
    sum.update(buffer.subarray(0, taken));
    at += taken;
  }
}

function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length;) {
    at += writeSync(descriptor, bytes, at, bytes.length - at, position + at);
  }
}
