// verify.ts: cdbinspect verify: says that the archive is sound. Opening it has already proved it.
import { EXIT } from '../../src/errors.ts';
import { json, plural, printable, size } from '../text.ts';
import type { Subcommand } from './subcommand.ts';
import { JSON_OUT } from './options.ts';

export const verify: Subcommand = {
  name: 'verify',
  operand: '',
  options: [JSON_OUT],
  help: 'check every byte; exit code 3 when one is not in its place',
  examples: ['cdbinspect verify site.cdb'],
  run({ archive, name, given, out }) {
    const { bytes, manifest } = archive;
    if (given.has('--json')) {
      out.write(json({ archive: name, bytes: bytes.length, ...manifest }));
      return EXIT.ok;
    }
    const { tool, digest, routes, bodies, heads, hosts } = manifest;
    const parts = [
      plural(routes, 'route'),
      plural(bodies, 'body', 'bodies'),
      plural(heads, 'header block'),
      ...(hosts.length > 0 ? [plural(hosts.length, 'host')] : []),
    ];
    out.write(`${printable(name)}: sound: ${size(bytes.length)}, ${parts.join(', ')}\n`);
    out.write(`made by ${printable(`${tool.name} ${tool.version}`)}\nsha256 ${digest}\n`);
    return EXIT.ok;
  },
};
