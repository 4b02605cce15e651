// host.ts: names of sites as keys and manifest have them: what a Host field says, less its port.
//
// The server compares bytes: one name has one spelling, in lower case and without a trailing dot.

/** RFC 1123 section 2.1, and the underscore that names of containers have. */
const LABEL = '[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z_])?';
const DNS_NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const DNS_NAME_BYTES_MAX = 253;
const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
/** A name that ends like this is meant as an address: RFC 1123 section 2.1. */
const NUMERIC_END = /(?:^|\.)[0-9]+$/;
const IPV6_GROUPS = 8;

/** Whether this is a DNS name, an IPv4 address, or an IPv6 address in brackets, as keys have it. */
export function isHost(name: string): boolean {
  if (name.startsWith('[')) return name.endsWith(']') && isIpv6(name.slice(1, -1));
  if (NUMERIC_END.test(name)) return IPV4.test(name);
  return name.length <= DNS_NAME_BYTES_MAX && DNS_NAME.test(name);
}

/** RFC 4291 section 2.2, without a zone. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1);
  const dotted = last !== undefined && !text.endsWith(':') && IPV4.test(last);
  const words = dotted ? groups.slice(0, -1) : groups;
  if (!words.every((word) => /^[0-9a-f]{1,4}$/.test(word))) return false;
  const count = words.length + (dotted ? 2 : 0);
  return halves.length === 2 ? count < IPV6_GROUPS : count === IPV6_GROUPS;
}
