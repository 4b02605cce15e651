// run.ts: cdbinspect in this process on one small archive.
import { PassThrough } from 'node:stream';
import { inspect } from '../../../archiver/inspect.ts';
import { noise } from '../../support/site.ts';
import { soundArchive } from '../fixture.ts';

export const PAGE = '<p>the same words '.repeat(60);
export const archive = await soundArchive({
  'index.html': PAGE,
  'copy.html': PAGE,
  'noise.bin': noise(500, 1),
  'd/index.html': 'd',
  '404.html': 'none',
  'new\nline.txt': 'x',
});

/** What is written to standard output; a Failure is thrown. */
export async function run(...argv: string[]): Promise<Buffer> {
  const out = new PassThrough({ highWaterMark: 1024 * 1024 * 1024 });
  const [name, ...rest] = argv;
  await inspect([name!, archive.target, ...rest], out);
  out.end();
  return Buffer.concat((await out.toArray()) as Buffer[]);
}

export async function lines(...argv: string[]): Promise<string[]> {
  return (await run(...argv)).toString().trimEnd().split('\n');
}
