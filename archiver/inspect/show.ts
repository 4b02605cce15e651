// show.ts: cdbinspect show: the headers a client gets for a path, once for each coding.
import { EXIT, Failure } from '../../src/errors.ts';
import type { Route, Variant } from '../../src/format/route.ts';
import { codingName, findEntry, headOf } from '../reader.ts';
import type { Entry } from '../reader.ts';
import { json, printable } from '../text.ts';
import type { SoundArchive } from '../verify.ts';
import type { Subcommand } from './subcommand.ts';
import { HOST, JSON_OUT, hostGiven } from './options.ts';

/** The lines of an answer, from its status line on, made of the stored block as the server does. */
type Answer = (head: string, variant: Variant) => string;

const WHOLE: Answer = (head) => head;

/** By what --as says. */
const ANSWERS: ReadonlyMap<string, Answer> = new Map([
  ['206', toPartial],
  ['304', toNotModified],
]);

export const show: Subcommand = {
  name: 'show',
  operand: 'PATH',
  options: [
    {
      flag: '--as',
      value: '206|304',
      help: 'the answer to a range, or to a condition; otherwise it is the one to GET and HEAD',
    },
    JSON_OUT,
    HOST,
  ],
  help: 'the headers of a path, once for each coding; the server adds Date',
  examples: [
    'cdbinspect show site.cdb /index.html',
    'cdbinspect show site.cdb /index.html --as 304',
    'cdbinspect show all.cdb /index.html --host a.example',
  ],
  run({ archive, operand, given, out }) {
    const entry = findEntry(archive, operand, hostGiven(archive, given));
    const answer = chooseAnswer(entry, given.value('--as'));
    const blocks = entry.route.variants.map((variant) => ({
      coding: codingName(variant),
      bytes: variant.bodyBytes,
      lines: linesOf(archive, variant, answer),
    }));
    const { key, route } = entry;
    if (given.has('--json')) out.write(json({ key, ...factsOf(route), variants: blocks }));
    else out.write(blocks.map(({ coding, lines }) => block([`# ${coding}`, ...lines])).join('\n'));
    return EXIT.ok;
  },
};

/** RFC 9110 section 15.3.7: of all bytes, as for bytes=0-. */
function toPartial(head: string, { statusBytes, lengthBytes, bodyBytes }: Variant): string {
  const range = `Content-Range: bytes 0-${bodyBytes - 1}/${bodyBytes}\r\n`;
  const fields = head.slice(statusBytes, head.length - lengthBytes);
  return `HTTP/1.1 206 Partial Content\r\n${fields}${range}Content-Length: ${bodyBytes}\r\n`;
}

/** RFC 9110 section 15.4.5: run 2 alone. */
function toNotModified(head: string, { statusBytes, commonBytes }: Variant): string {
  return `HTTP/1.1 304 Not Modified\r\n${head.slice(statusBytes, statusBytes + commonBytes)}`;
}

function chooseAnswer({ key, route }: Entry, as: string | undefined): Answer {
  if (as === undefined) return WHOLE;
  const answer = ANSWERS.get(as);
  if (!answer) throw new Failure(EXIT.usage, `--as is '${printable(as)}'; it can be 206 or 304.`);
  if (route.status === 200 && !isEmptyRange(route, as)) return answer;
  const what = route.status === 200 ? 'is empty' : `answers with ${route.status}`;
  throw new Failure(EXIT.failure, `${printable(key)} ${what}, and never with ${as}.`);
}

/** RFC 9110 section 14.1.2: no range lies in no bytes. */
function isEmptyRange({ variants }: Route, as: string): boolean {
  return as === '206' && variants[0]!.bodyBytes === 0;
}

function linesOf(archive: SoundArchive, variant: Variant, answer: Answer): string[] {
  return answer(headOf(archive, variant), variant).split('\r\n').slice(0, -1);
}

function factsOf({ status, file, modified }: Route) {
  const time = modified === 0 ? undefined : new Date(modified * 1000).toISOString();
  return { status, file, modified: time };
}

function block(lines: readonly string[]): string {
  return lines.map((line) => `${printable(line)}\n`).join('');
}
