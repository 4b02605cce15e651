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
  const out = new PassThrough({ highWaterMark: 1024 * 1024 * 1024 });
  const [name, ...rest] = argv;
  await inspect([name!, target, ...rest], out);
  out.end();
  return Buffer.concat((await out.toArray()) as Buffer[]);
}

export async function lines(...argv: string[]): Promise<string[]> {
  return (await run(...argv)).toString().trimEnd().split('\n');
}
