// cat.ts: cdbinspect cat: the stored bytes of a body.
import { EXIT, Failure } from '../../src/errors.ts';
import { pipeBytes } from '../pipe.ts';
import { bodyOf, codingName, findEntry } from '../reader.ts';
import { printable } from '../text.ts';
import type { Subcommand } from './subcommand.ts';
import { HOST, hostGiven } from './options.ts';

export const cat: Subcommand = {
  name: 'cat',
  operand: 'PATH',
  options: [
    { flag: '--coding', value: 'NAME', fallback: 'identity', help: 'the coding as it is stored' },
    { flag: '--binary', help: 'also to a terminal, whatever the bytes do to it' },
    HOST,
  ],
  help: 'the body of a path, byte for byte',
  examples: [
    'cdbinspect cat site.cdb /style.css --coding gzip | zcat',
    'cdbinspect cat site.cdb /index.html > index.html',
  ],
  async run({ archive, operand, given, out }) {
    const { key, route } = findEntry(archive, operand, hostGiven(archive, given));
    const name = given.value('--coding') ?? 'identity';
    const variant = route.variants.find((candidate) => codingName(candidate) === name);
    if (!variant) {
      const stored = route.variants.map(codingName).join(', ');
      const text = `${printable(key)} is not stored as ${printable(name)}.`;
      throw new Failure(EXIT.failure, `${text} It is stored as: ${stored}.`);
    }
    // A redirect has no body, and its offset means nothing.
    if (route.redirect) return EXIT.ok;
    const body = bodyOf(archive, variant);
    if (out.isTTY && !given.has('--binary') && !isText(body)) {
      const remedy = 'Send it elsewhere with > or |, or say --binary.';
      throw new Failure(EXIT.failure, `${printable(key)} is no text for a terminal. ${remedy}`);
    }
    await pipeBytes(out, body);
    return EXIT.ok;
  },
};

const SLICE_BYTES = 64 * 1024;
/** Every control character but tab, line ends and form feed: they command a terminal. */
const CONTROL = /[^\P{Cc}\t\n\f\r]/u;

/** UTF-8 without control characters. */
function isText(body: Uint8Array): boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for (let at = 0; at < body.length; at += SLICE_BYTES) {
      const slice = body.subarray(at, at + SLICE_BYTES);
      if (CONTROL.test(decoder.decode(slice, { stream: true }))) return false;
    }
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}
