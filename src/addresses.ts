// addresses.ts: where to listen, as operators, shells and service managers say it.
//
// Nothing is opened here, and no name is resolved.
import { isIPv4, isIPv6 } from 'node:net';
import { ADDRESSES_MAX } from './limits.ts';

export interface TcpAddress {
  /** A literal address, or '' for all of both families. */
  readonly host: string;
  /** 0: the kernel picks one. */
  readonly port: number;
}

export interface UnixAddress {
  readonly path: string;
  /** Permissions of the socket. */
  readonly mode: number;
}

/** A listening socket that whoever started us has left open, and goes on when we end. */
export interface InheritedAddress {
  readonly descriptor: number;
  /** As its owner calls it: LISTEN_FDNAMES, or fd:N. */
  readonly name: string;
}

export type Address = TcpAddress | UnixAddress | InheritedAddress;

/** Where an operator asks. */
export type AdminAddress = TcpAddress | UnixAddress;

export interface Surroundings {
  readonly isRoot: boolean;
  readonly pid: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const FORMS = ':8080, 127.0.0.1:8080, [::1]:8080, unix:/PATH, fd:N or systemd';

const PORT_MAX = 65_535;
/** sun_path of unix(7), less its zero. */
const PATH_BYTES_MAX = 107;
/** What is served is public; a folder around it, or ,mode=, keeps it to some. */
const SOCKET_MODE = 0o666;
/** sd_listen_fds(3) */
const FIRST_INHERITED = 3;
const DESCRIPTOR_MAX = 65_535;

/** `texts` are those of --listen. Gives what is wrong as text. */
export function readAddresses(
  texts: readonly string[],
  around: Surroundings,
): readonly Address[] | string {
  const found = texts.length > 0 ? texts.map((text) => readOne(text, around)) : [standing(around)];
  const fault = found.find((item) => typeof item === 'string');
  if (fault !== undefined) return fault;
  const addresses = found.flatMap((item) => item as readonly Address[]);
  if (addresses.length > ADDRESSES_MAX) return `more than ${ADDRESSES_MAX} addresses are given.`;
  return twice(addresses) ?? addresses;
}

type Found = readonly Address[] | string;

/** What a service manager has opened, else what HOST and PORT say. */
function standing(around: Surroundings): Found {
  const { isRoot, environment } = around;
  const inherited = readInherited(around);
  if (typeof inherited !== 'string' && inherited.length > 0) return inherited;
  const host = environment['HOST'] ?? '';
  const port = environment['PORT'] ?? (isRoot ? '80' : '8080');
  const text = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return readTcp(text) ?? `HOST:PORT ${text}: an address is ${FORMS}; names are not resolved.`;
}

function readOne(text: string, around: Surroundings): Found {
  const [form, rest] = text.split(/:(.*)/s, 2) as [string, string | undefined];
  if (form === 'unix' && rest !== undefined) return readUnix(text, rest);
  if (form === 'fd' && rest !== undefined) return readDescriptor(text, rest);
  if (form === 'systemd') return readSystemd(text, rest, around);
  return readTcp(text) ?? `--listen ${text}: an address is ${FORMS}; names are not resolved.`;
}

/**
 * What --admin says: loopback or a path, where none but this machine's own can connect. Gives what
 * is wrong as text.
 */
export function readAdmin(text: string): AdminAddress | string {
  const [form, rest] = text.split(/:(.*)/s, 2) as [string, string | undefined];
  const found = form === 'unix' && rest !== undefined ? readUnix(text, rest) : readTcp(text);
  const [address] = typeof found === 'string' ? [] : (found ?? []);
  if (address !== undefined && 'path' in address) return address;
  if (address !== undefined && 'port' in address && isLoopback(address.host)) return address;
  const forms = '127.0.0.1:9101, [::1]:9101 or unix:/PATH[,mode=660]';
  return `--admin ${text}: it answers whoever can connect, so it is ${forms}, and nothing else.`;
}

export function isLoopback(host: string): boolean {
  return isIPv4(host) ? host.startsWith('127.') : host.includes(':') && isLoopback6(host);
}

/** The address has many spellings. */
function isLoopback6(host: string): boolean {
  const url = `http://[${host}]/`;
  return URL.canParse(url) && new URL(url).hostname === '[::1]';
}

/** `:PORT`, `IPv4:PORT` or `[IPv6]:PORT`. */
function readTcp(text: string): readonly Address[] | undefined {
  const parts = /^(?:\[(?<six>[^\]]*)\]|(?<four>[^:]*)):(?<port>[0-9]{1,5})$/.exec(text)?.groups;
  const port = Number(parts?.['port']);
  const host = parts?.['six'] ?? parts?.['four'] ?? '';
  const isLiteral = parts?.['six'] === undefined ? host === '' || isIPv4(host) : isIPv6(host);
  return parts !== undefined && isLiteral && port <= PORT_MAX ? [{ host, port }] : undefined;
}

function readUnix(text: string, rest: string): Found {
  const [, path = '', digits] = /^(.*?)(?:,mode=(.*))?$/s.exec(rest)!;
  if (!path.startsWith('/')) return `--listen ${text}: name a whole path, as in unix:/run/x.sock.`;
  if (path.includes('\0') || Buffer.byteLength(path) > PATH_BYTES_MAX) {
    return `--listen ${text}: the path of a socket has at most ${PATH_BYTES_MAX} bytes.`;
  }
  if (digits !== undefined && !/^0?[0-7]{3}$/.test(digits)) {
    return `--listen ${text}: a mode is three octal digits, as in unix:/run/x.sock,mode=660.`;
  }
  return [{ path, mode: digits === undefined ? SOCKET_MODE : Number.parseInt(digits, 8) }];
}

function readDescriptor(text: string, rest: string): Found {
  const descriptor = /^[0-9]{1,5}$/.test(rest) ? Number(rest) : NaN;
  if (descriptor >= FIRST_INHERITED && descriptor <= DESCRIPTOR_MAX) {
    return [{ descriptor, name: `fd:${descriptor}` }];
  }
  const bounds = `${FIRST_INHERITED} to ${DESCRIPTOR_MAX}`;
  return `--listen ${text}: the number of an inherited descriptor is from ${bounds}.`;
}

function readSystemd(text: string, name: string | undefined, around: Surroundings): Found {
  const inherited = readInherited(around);
  if (typeof inherited === 'string') return `--listen ${text}: ${inherited}`;
  if (inherited.length === 0) {
    return `--listen ${text}: LISTEN_FDS names no descriptor. Start it by a socket unit.`;
  }
  if (name === undefined) return inherited;
  const named = inherited.filter((address) => address.name === name);
  if (named.length > 0) return named;
  const known = inherited.map((address) => address.name).join(', ');
  return `--listen ${text}: no descriptor has that name; there is ${known}.`;
}

/** sd_listen_fds(3). None when they are another process's, which ours may have inherited. */
function readInherited({ environment, pid }: Surroundings): readonly InheritedAddress[] | string {
  const { LISTEN_FDS: count, LISTEN_PID: owner, LISTEN_FDNAMES: names } = environment;
  if (count === undefined || owner !== String(pid)) return [];
  if (!/^[0-9]{1,4}$/.test(count)) return `LISTEN_FDS is ${count}, and no number of descriptors.`;
  const list = names?.split(':') ?? [];
  return Array.from({ length: Number(count) }, (_, index) => {
    const descriptor = FIRST_INHERITED + index;
    return { descriptor, name: list[index] ?? `fd:${descriptor}` };
  });
}

/** One socket would have two takers in one worker. */
function twice(addresses: readonly Address[]): string | undefined {
  const numbers = addresses.flatMap((one) => ('descriptor' in one ? [one.descriptor] : []));
  const again = numbers.find((number, index) => numbers.indexOf(number) !== index);
  return again === undefined ? undefined : `descriptor ${again} is given twice.`;
}
