// lines.ts: a stream of bytes somebody else wrote, as lines that do no harm on a terminal.
import type { Readable } from 'node:stream';

export const LINE_BYTES_MAX = 4_096;

/** Gives each line without its end; what is longer than the limit comes in pieces. */
export function relayLines(from: Readable, give: (line: string) => void): void {
  let rest = '';
  from.on('data', (bytes: Buffer) => {
    const lines = (rest + bytes.toString('latin1')).split('\n');
    rest = lines.pop()!;
    lines.forEach((line) => pieces(line, give));
    if (rest.length < LINE_BYTES_MAX) return;
    pieces(rest, give);
    rest = '';
  });
  from.on('end', () => {
    if (rest !== '') pieces(rest, give);
  });
}

function pieces(line: string, give: (line: string) => void): void {
  for (let at = 0; at === 0 || at < line.length; at += LINE_BYTES_MAX) {
    give(clean(line.slice(at, at + LINE_BYTES_MAX)));
  }
}

/** UTF-8 stays; control characters, by which a terminal is commanded, do not. */
export function clean(line: string): string {
  const text = Buffer.from(line, 'latin1').toString('utf8');
  return text.replaceAll(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '?');
}
