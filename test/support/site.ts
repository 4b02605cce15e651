// site.ts: makes a temporary site and packs it with the real packer.
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../src/paths.ts';
import { onEnd } from './cleanup.ts';

/** Path below the site's root to content. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

export interface Packed {
  readonly folder: string;
  readonly archive: string;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Every file of a temporary site has this time, so that two packs are the same bytes. */
export const MODIFIED = new Date('2024-03-01T12:00:00Z');

export const packer = join(packageRoot, 'dist', 'archiver', 'cdbpack.js');

/** A folder of its own; removed after the file's last test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cdbserve-test-'));
  chmodSync(folder, 0o755); // who serves opens an archive again
  onEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function writeSite(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    utimesSync(file, MODIFIED, MODIFIED);
  }
}

/** Without a cache unless one is named. Throws with the packer's own words when it fails. */
export async function packSite(files: Files, flags: readonly string[] = []): Promise<Packed> {
  const base = temporaryFolder();
  const folder = join(base, 'site');
  mkdirSync(folder);
  writeSite(folder, files);
  return packFolder(folder, join(base, 'site.cdb'), flags);
}

export async function packFolder(
  folder: string,
  archive: string,
  flags: readonly string[] = [],
  options: { readonly timeout?: number } = {},
): Promise<Packed> {
  const cache = flags.includes('--cache') ? [] : ['--no-cache'];
  const args = [packer, folder, archive, ...cache, ...flags];
  const ended = await runCommand(process.execPath, args, options);
  if (ended.code !== 0) throw new Error(`cdbpack ended with ${ended.code}:\n${ended.stderr}`);
  return { folder, archive };
}

/** Runs a command to its end, at most two minutes unless a time in milliseconds is given. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly timeout?: number } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const limits = { timeout: 120_000, maxBuffer: 64 * 1024 * 1024, ...options };
    const child = execFile(command, [...args], limits, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}

/** Bytes that no coding makes smaller; the same for the same seed. */
export function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  const next = xorshift(seed);
  for (let at = 0; at < length; at++) bytes[at] = next() >>> 24;
  return bytes;
}

/** Marsaglia's xorshift32: 32 bits a call, the same series for the same seed. */
export function xorshift(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
