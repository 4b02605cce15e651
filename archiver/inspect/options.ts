// options.ts: options that several subcommands of cdbinspect share.
import type { Arguments, Option } from '../../src/cli.ts';
import { EXIT, Failure } from '../../src/errors.ts';
import { normalHost } from '../sites.ts';
import { printable } from '../text.ts';
import type { SoundArchive } from '../verify.ts';

export const HOST: Option = {
  flag: '--host',
  value: 'NAME',
  help: 'the site of this host; without a path, it alone',
};

export const JSON_OUT: Option = {
  flag: '--json',
  help: 'print JSON: one object, from list and diff one a line',
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
