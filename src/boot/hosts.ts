// hosts.ts: whether the key of a record belongs to a site that the manifest knows.
import { KEY_FALLBACK_PREFIX, KEY_HOST_PREFIX, KEY_RULES } from '../format/layout.ts';
import { asBuffer } from './refusal.ts';
import type { RecordKind } from './refusal.ts';

export interface Sites {
  readonly hosts: ReadonlySet<string>;
  readonly defaultSite: boolean;
}

const SLASH = 0x2f;
/** What stands before the site in a key; both kinds of fallback have prefixes of one length. */
const PREFIX_BYTES: { readonly [kind in RecordKind]?: number } = {
  fallback: KEY_FALLBACK_PREFIX.length,
  rewrite: KEY_FALLBACK_PREFIX.length,
  rules: KEY_RULES.length,
};

/** What is wrong in words, or undefined. */
export function checkSite(sites: Sites, key: Uint8Array, kind: RecordKind): string | undefined {
  const at = PREFIX_BYTES[kind] ?? 0;
  if (key[at] !== KEY_HOST_PREFIX) {
    return sites.defaultSite ? undefined : 'the manifest says that there is no default site';
  }
  const slash = key.indexOf(SLASH, at);
  const name = key.subarray(at + 1, slash < 0 ? key.length : slash);
  const known = sites.hosts.has(asBuffer(name).toString('latin1'));
  return known ? undefined : 'the manifest does not list its host';
}
