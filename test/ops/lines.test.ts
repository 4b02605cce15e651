// lines.test.ts: bytes to lines, whatever the pieces they come in.
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { LINE_BYTES_MAX, relayLines } from '../../src/ops/lines.ts';

async function linesOf(...pieces: readonly (string | Buffer)[]): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  relayLines(stream, (line) => void lines.push(line));
  for (const piece of pieces) stream.write(piece);
  await new Promise((resolve) => stream.end(resolve).once('end', resolve));
  return lines;
}

test('pieces are put together, and the last line needs no end', async () => {
  expect(await linesOf('a', 'b\nc', '\n\nd')).toEqual(['ab', 'c', '', 'd']);
  expect(await linesOf()).toEqual([]);
});

test('a character in two pieces is whole', async () => {
  const bytes = Buffer.from('é\n');
  expect(await linesOf(bytes.subarray(0, 1), bytes.subarray(1))).toEqual(['é']);
});

test('what commands a terminal does not', async () => {
  const bytes = Buffer.from('\x1b[31mred\x07\r\n\ttab\x7f\x9b\n\xff\n', 'latin1');
  expect(await linesOf(bytes)).toEqual(['?[31mred??', '\ttab?\ufffd', '\ufffd']);
  expect(await linesOf('\x9b2J\n')).toEqual(['?2J']);
});

test('a line without end comes in pieces and is not kept', async () => {
  const lines = await linesOf('x'.repeat(2.5 * LINE_BYTES_MAX), 'y\n');
  expect(lines.map((line) => line.length)).toEqual([LINE_BYTES_MAX, LINE_BYTES_MAX, 2_048, 1]);
});
