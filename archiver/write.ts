// write.ts: makes the archive that a plan describes and puts it in its place.
//
// The target is replaced by rename alone, after the server's own loader has found the new file
// sound.
import { fstatSync, fsync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { digestArchive } from '../src/boot/digest.ts';
import { CODING_NAMES, FORMAT, KEY_MANIFEST, MANIFEST_DIGEST_AT } from '../src/format/layout.ts';
import { encodeManifest, manifestBytes } from '../src/format/manifest.ts';
import type { Manifest } from '../src/format/manifest.ts';
import type { CdbAddon, CdbMake } from '../src/native.ts';
import { startTotals, storeFiles } from './fill.ts';
import type { FillOptions, Totals } from './fill.ts';
import { addRoutes } from './fill_routes.ts';
import type { RouteOptions } from './fill_routes.ts';
import type { Plan } from './plan.ts';
import { ArchiveFull, Store } from './store.ts';
import { attempt, openTemporary, writeFailure } from './temporary.ts';
import type { Temporary } from './temporary.ts';
import { tooLarge } from './too_large.ts';
import { verifyWritten } from './verify.ts';
import type { Begun } from './verify.ts';
import { readSource } from './windows.ts';

export interface WriteOptions extends FillOptions, RouteOptions {
  /** As checkTarget gave it. */
  readonly target: string;
  readonly addon: CdbAddon;
  readonly tool: Manifest['tool'];
  readonly archiveBytesMax: number;
  /**
   * Outlives a crash, and is found sound before it takes its place, at once; else its reader sees
   * to all that.
   */
  readonly durable: boolean;
}

export interface WriteReport extends Totals {
  readonly manifest: Manifest;
  readonly archiveBytes: number;
}

/** Throws a Failure, and leaves the target as it was, when anything goes wrong. */
export async function writeArchive(plan: Plan, options: WriteOptions): Promise<WriteReport> {
  const temporary = openTemporary(options.target);
  try {
    const make = new options.addon.CdbMake(temporary.descriptor);
    const totals = startTotals();
    const { seal, begun } = await writeRecords({ make, temporary }, plan, options, totals);
    const manifest = attempt(options.target, seal);
    const archiveBytes = fstatSync(temporary.descriptor).size;
    if (options.durable) {
      options.watch.phase('verifying', { items: 0, bytes: archiveBytes });
      await settle(temporary, options, begun);
    }
    temporary.publish(options.durable);
    return { ...totals, manifest, archiveBytes };
  } finally {
    temporary.discard();
  }
}

interface Output {
  readonly make: CdbMake;
  readonly temporary: Temporary;
}

interface Records {
  /** Completes the file: the manifest stands first and is known last. */
  readonly seal: () => Manifest;
  readonly begun: Promise<Begun> | undefined;
}

async function writeRecords(
  { make, temporary }: Output,
  plan: Plan,
  options: WriteOptions,
  totals: Totals,
): Promise<Records> {
  const { target, tool, archiveBytesMax, addon } = options;
  const { hosts } = plan;
  const store = new Store(make, archiveBytesMax);
  try {
    const empty = new Uint8Array(manifestBytes({ tool, hosts }));
    const manifestAt = store.add(Buffer.from(KEY_MANIFEST), empty);
    const files = await storeFiles(store, plan, options, totals);
    const begun = beginVerifying(temporary, options);
    const codings = addRoutes({ store, files, ...options }, plan);
    make.finish();
    const manifest = manifestOf(plan, store, codings, tool);
    return { seal: () => sealFile(temporary, addon, manifest, manifestAt), begun };
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

function sealFile(
  { path, descriptor }: Temporary,
  addon: CdbAddon,
  manifest: Omit<Manifest, 'digest'>,
  manifestAt: number,
): Manifest {
  writeAll(descriptor, encodeManifest(manifest), manifestAt);
  const digest = readSource(path, addon, (file) => digestArchive(file, manifestAt));
  writeAll(descriptor, Buffer.from(digest), manifestAt + MANIFEST_DIGEST_AT);
  return { ...manifest, digest };
}

/** A thread reads the bodies again while this one makes the routes. */
function beginVerifying(
  { path }: Temporary,
  { target, durable, workshop }: WriteOptions,
): Promise<Begun> | undefined {
  const begun = durable ? workshop.reader.checkBegun({ path, name: target }) : undefined;
  // Should making the routes fail, nobody awaits it.
  begun?.catch(() => undefined);
  return begun;
}

/** The disk writes while the file is verified, and both have ended before it may be closed. */
async function settle(
  temporary: Temporary,
  { target, addon, watch, workshop }: WriteOptions,
  begun: Promise<Begun> | undefined,
): Promise<void> {
  const synced = syncFile(temporary, target);
  const written = { path: temporary.path, name: target };
  const told = (bytes: number) => watch.step(bytes);
  const verifying = { addon, pool: workshop.reader, begun, verified: told };
  const verified = verifyWritten(written, verifying);
  await Promise.allSettled([synced, verified]);
  await Promise.all([synced, verified]);
}

async function syncFile({ descriptor }: Temporary, target: string): Promise<void> {
  try {
    await promisify(fsync)(descriptor);
  } catch (error) {
    throw writeFailure(target, error);
  }
}

function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length;) {
    at += writeSync(descriptor, bytes, at, bytes.length - at, position + at);
  }
}
