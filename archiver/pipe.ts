// pipe.ts: writing into a pipe whose reader may go away, as `| head` does.
import { once } from 'node:events';
import type { Writable } from 'node:stream';

const SLICE_BYTES = 1024 * 1024;
const SLICE_CHARACTERS = 64 * 1024;

/** A reader that has seen enough is no error. Any other error of the stream is still thrown. */
export function endQuietlyOnClosedPipe(stream: Writable): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

/** Writes bytes of any length no faster than they are read. */
export async function pipeBytes(stream: Writable, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    if (!stream.write(bytes.subarray(at, at + SLICE_BYTES))) await once(stream, 'drain');
  }
}

/** Writes lines, however many, no faster than they are read. */
export async function pipeLines(stream: Writable, lines: Iterable<string>): Promise<void> {
  let slice = '';
  for (const line of lines) {
    slice += line;
    if (slice.length < SLICE_CHARACTERS) continue;
    if (!stream.write(slice)) await once(stream, 'drain');
    slice = '';
  }
  if (slice !== '') stream.write(slice);
}
