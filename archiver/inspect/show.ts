// show.ts: cdbinspect show: the headers a client gets for a path, once for each coding.
import { EXIT } from '../../src/errors.ts';
import { HOST, hostGiven } from './host.ts';
import { codingName, findEntry, headOf } from '../reader.ts';
import type { Subcommand } from '../inspect.ts';

export const show: Subcommand = {
  name: 'show',
  operand: 'PATH',
  options: [{ flag: '--json', help: 'print JSON' }, HOST],
  help: 'the headers of a path, once for each coding; the server adds Date',
  examples: [
    'cdbinspect show site.cdb /index.html',
    'cdbinspect show all.cdb /index.html --host a.example',
  ],
  run({ archive, operand, given, out }) {
    const { key, route } = findEntry(archive, operand, hostGiven(archive, given));
    const blocks = route.variants.map((variant) => ({
      coding: codingName(variant),
      bytes: variant.bodyBytes,
      lines: headOf(archive, variant).split('\r\n').slice(0, -1),
    }));
    if (given.has('--json')) {
      out.write(`${JSON.stringify({ key, status: route.status, variants: blocks })}\n`);
      return EXIT.ok;
    }
    const texts = blocks.map(({ coding, lines }) => [`# ${coding}`, ...lines, ''].join('\n'));
    out.write(texts.join('\n'));
    return EXIT.ok;
  },
};
