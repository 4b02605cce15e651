// sites.ts: sites by host, from the values of --host. Pure.
import { domainToASCII } from 'node:url';
import { isHost } from '../src/format/host.ts';
import { HOSTS_MAX } from '../src/format/layout.ts';
import type { Site } from './site.ts';
import { compareBytes, printable } from './text.ts';

/** Sites in the order of the bytes of their hosts, or what is wrong with a value, as a sentence. */
export function readHosts(values: readonly string[]): readonly Site[] | string {
  const sites = new Map<string, Site>();
  for (const value of values) {
    const equals = value.indexOf('=');
    const name = value.slice(0, equals);
    const root = value.slice(equals + 1);
    if (equals <= 0 || root === '') {
      return `--host is '${printable(value)}'; it is NAME=DIR, such as a.example=public.`;
    }
    const host = normalHost(name);
    if (host === undefined) return wrongName(name);
    const other = sites.get(host);
    if (other) return `--host names ${host} twice: ${printable(`${other.root} and ${root}`)}.`;
    sites.set(host, { host, root });
  }
  if (sites.size > HOSTS_MAX)
    return `--host is given ${sites.size} times; ${HOSTS_MAX} is the most.`;
  return [...sites.values()].sort((left, right) => compareBytes(left.host, right.host));
}

/** The name as keys have it; undefined when no Host field could hold it. */
export function normalHost(name: string): string | undefined {
  // ASCII alone: toLowerCase makes a K of the Kelvin sign.
  const lower = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(/\.$/, '');
  if (!isHost(lower)) return undefined;
  // An IPv6 address has many spellings, and browsers send this one.
  return lower.startsWith('[') ? new URL(`http://${lower}/`).hostname : lower;
}

function wrongName(name: string): string {
  const ascii = /[^\0-\x7f]/.test(name) ? domainToASCII(name) : '';
  const remedy = isHost(ascii)
    ? `In a Host field it is written ${ascii}.`
    : 'It is a DNS name or an address as in a Host field, [::1] for one, without a port.';
  return `--host has the name '${printable(name)}'. ${remedy}`;
}
