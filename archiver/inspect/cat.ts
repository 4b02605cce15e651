// cat.ts: cdbinspect cat: the stored bytes of a body.
import { EXIT, Failure } from '../../src/errors.ts';
import { pipeBytes } from '../pipe.ts';
import { HOST, hostGiven } from './host.ts';
import { bodyOf, codingName, findEntry } from '../reader.ts';
import { printable } from '../text.ts';
import type { Subcommand } from '../inspect.ts';

export const cat: Subcommand = {
  name: 'cat',
  operand: 'PATH',
  options: [
    { flag: '--coding', value: 'NAME', fallback: 'identity', help: 'the coding as it is stored' },
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
      const text = `${printable(key)} is not stored as ${name}. It is stored as: ${stored}.`;
      throw new Failure(EXIT.failure, text);
    }
    // A redirect has no body, and its offset means nothing.
    if (!route.redirect) await pipeBytes(out, bodyOf(archive, variant));
    return EXIT.ok;
  },
};
