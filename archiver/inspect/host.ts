// host.ts: --host of cdbinspect: one site of an archive that has several.
import type { Arguments, Option } from '../../src/cli.ts';
import { EXIT, Failure } from '../../src/errors.ts';
import { normalHost } from '../sites.ts';
import { printable } from '../text.ts';
import type { SoundArchive } from '../verify.ts';

export const HOST: Option = {
  flag: '--host',
  value: 'NAME',
  help: 'the site of this host; for list and stats, it alone',
};

/** As keys have it, undefined when none is given; throws a Failure when the archive has no such. */
export function hostGiven({ manifest }: SoundArchive, given: Arguments): string | undefined {
  const name = given.value(HOST.flag);
  if (name === undefined) return undefined;
  const host = normalHost(name);
  if (host !== undefined && manifest.hosts.includes(host)) return host;
  const has = manifest.hosts.length > 0 ? manifest.hosts.join(', ') : 'no hosts';
  const text = `the archive has no host ${printable(name)}. It has ${has}.`;
  throw new Failure(EXIT.failure, text);
}
