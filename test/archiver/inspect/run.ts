// run.ts: cdbinspect in this process on one small archive.
import { PassThrough } from 'node:stream';
import { inspect } from '../../../archiver/inspect.ts';
import { noise } from '../../support/site.ts';
import { soundArchive, soundSites } from '../fixture.ts';

export const PAGE = '<p>the same words '.repeat(60);
export const archive = await soundArchive({
  'index.html': PAGE,
  'copy.html': PAGE,
  'noise.bin': noise(500, 1),
  'd/index.html': 'd',
  '404.html': 'none',
  'new\nline.txt': 'x',
});

export const hosted = await soundSites({
  '': { 'a.txt': 'default' },
  'a.example': { 'a.txt': 'of a', '200.html': PAGE },
  'b.example': {},
});

/** What is written to standard output; a Failure is thrown. */
export function run(...argv: string[]): Promise<Buffer> {
  return runOn(archive.target, ...argv);
}

export async function runOn(target: string, ...argv: string[]): Promise<Buffer> {
  return (await ranOn(target, argv)).out;
}

const SILENT = { err: { write: () => undefined }, env: {} };

/** With its exit code; `terminal` is what its output claims to be. */
export async function ranOn(
  target: string,
  argv: readonly string[],
  terminal: { readonly isTTY?: true; readonly columns?: number } = {},
): Promise<{ readonly code: number; readonly out: Buffer }> {
  const out = Object.assign(new PassThrough({ highWaterMark: 1024 * 1024 * 1024 }), terminal);
  const [name, ...rest] = argv;
  const code = await inspect([name!, target, ...rest], { out, ...SILENT });
  out.end();
  return { code, out: Buffer.concat((await out.toArray()) as Buffer[]) };
}

/** As on a terminal so wide. */
export async function screen(columns: number, ...argv: string[]): Promise<string[]> {
  const { out } = await ranOn(archive.target, argv, { isTTY: true, columns });
  return out.toString().trimEnd().split('\n');
}

export async function lines(...argv: string[]): Promise<string[]> {
  return (await run(...argv)).toString().trimEnd().split('\n');
}
