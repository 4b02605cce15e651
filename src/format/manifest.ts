// manifest.ts: the record `cdbsite`, which says what the archive is.
import { isHost } from './host.ts';
import {
  ARCHIVE_BYTES_MAX,
  CODING_NAMES,
  FORMAT,
  HOSTS_MAX,
  MANIFEST_DIGEST_AT,
  MANIFEST_DIGEST_BYTES,
} from './layout.ts';

export interface Manifest {
  /** SHA-256 in hexadecimal, of what docs/archive-format.md says. */
  readonly digest: string;
  readonly format: number;
  readonly tool: { readonly name: string; readonly version: string };
  /** Files of the site; the other counts are records of that kind. */
  readonly files: number;
  readonly routes: number;
  /** Of 404.html. */
  readonly fallbacks: number;
  /** Of 200.html. */
  readonly rewrites: number;
  /** In the tables of rules. */
  readonly rules: number;
  readonly bodies: number;
  readonly heads: number;
  /** Codings that occur beside identity, in the order of CODING_*. */
  readonly codings: readonly string[];
  /** Whether there is a site for hosts that are not listed. */
  readonly defaultSite: boolean;
  /** Names of the other sites, as keys have them, in their order. */
  readonly hosts: readonly string[];
}

const COUNTS = ['files', 'routes', 'fallbacks', 'rewrites', 'rules', 'bodies', 'heads'] as const;
const NO_DIGEST = '0'.repeat(MANIFEST_DIGEST_BYTES);
const LARGEST: Manifest = {
  digest: NO_DIGEST,
  format: FORMAT,
  tool: { name: '', version: '' },
  files: ARCHIVE_BYTES_MAX,
  routes: ARCHIVE_BYTES_MAX,
  fallbacks: ARCHIVE_BYTES_MAX,
  rewrites: ARCHIVE_BYTES_MAX,
  rules: ARCHIVE_BYTES_MAX,
  bodies: ARCHIVE_BYTES_MAX,
  heads: ARCHIVE_BYTES_MAX,
  codings: CODING_NAMES.slice(1),
  defaultSite: false,
  hosts: [],
};

/** Bytes of the record: it is written before the counts are known, and filled in afterwards. */
export function manifestBytes({ tool, hosts }: Pick<Manifest, 'tool' | 'hosts'>): number {
  return toText({ ...LARGEST, tool, hosts }).length + 1;
}

/** JSON, padded with spaces to manifestBytes(), a newline at its end. */
export function encodeManifest(manifest: Omit<Manifest, 'digest'>): Uint8Array {
  const text = toText({ digest: NO_DIGEST, ...manifest });
  return Buffer.from(`${text.padEnd(manifestBytes(manifest) - 1)}\n`, 'latin1');
}

/** The manifest, or what is wrong with it in words that follow "refused:". */
export function parseManifest(bytes: Uint8Array): Manifest | string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (!/^\{"digest":"[0-9a-f]{64}",/.test(text)) return 'no digest at its beginning';
  const format = /^.{64,80}"format":(\d{1,9}),/.exec(text.slice(MANIFEST_DIGEST_AT))?.[1];
  if (format !== undefined && Number(format) !== FORMAT) {
    return `archive format ${format}, and this program reads format ${FORMAT}`;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'no sound JSON';
  }
  return checkFields(value as { readonly [name: string]: unknown });
}

function checkFields(value: { readonly [name: string]: unknown }): Manifest | string {
  if (value['format'] !== FORMAT) return 'no archive format';
  const tool = value['tool'] as { readonly [name: string]: unknown } | null | undefined;
  if (typeof tool?.['name'] !== 'string' || typeof tool['version'] !== 'string') {
    return 'no name and version of the tool that made it';
  }
  for (const name of COUNTS) {
    const count = value[name];
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 0) {
      return `no count of ${name}`;
    }
  }
  for (const name of ['codings', 'hosts']) {
    const list = value[name];
    if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) {
      return `no list of ${name}`;
    }
  }
  const defaultSite = value['defaultSite'];
  if (typeof defaultSite !== 'boolean') return 'no word of a default site';
  return checkHosts(value['hosts'] as string[], defaultSite) ?? (value as unknown as Manifest);
}

function checkHosts(hosts: readonly string[], defaultSite: boolean): string | undefined {
  if (hosts.length > HOSTS_MAX) return `${hosts.length} hosts, and ${HOSTS_MAX} is the most`;
  if (!hosts.every(isHost)) return 'a host that is no name of one';
  // All are ASCII, so that the order of characters is that of bytes.
  if (hosts.some((host, at) => at > 0 && host <= hosts[at - 1]!)) return 'hosts out of order';
  return hosts.length === 0 && !defaultSite
    ? 'no site: neither a default one nor a host'
    : undefined;
}

function toText(manifest: Manifest): string {
  const { digest, format, files, routes, fallbacks, rewrites, rules, bodies, heads } = manifest;
  const { codings, defaultSite, hosts } = manifest;
  const { name, version } = manifest.tool;
  return JSON.stringify({
    digest,
    format,
    tool: { name, version },
    files,
    routes,
    fallbacks,
    rewrites,
    rules,
    bodies,
    heads,
    codings,
    defaultSite,
    hosts,
  });
}
