// cat.ts: cdbinspect cat: the stored bytes of a body.
import { EXIT, Failure } from '../../src/errors.ts';
import { pipeBytes } from '../pipe.ts';
import { HOST, hostGiven } from './host.ts';
import { bodyOf, codingName, findEntry } from '../reader.ts';
import { printable } from '../text.ts';
import type { Subcommand } from '../inspect.ts';

export const cat: Subcommand = {
  name: 'cat',
  takesPath: true,
  options: [
    { flag: '--coding', value: 'NAME', fallback: 'identity', help: 'the coding as it is stored' },
    HOST,
  ],
  help: 'the body of a path, byte for byte',
  async run({ archive, path, given, out }) {
    const { key, route } = findEntry(archive, path, hostGiven(archive, given));
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
