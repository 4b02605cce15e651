// hosts.ts: whether the key of a record belongs to a site that the manifest knows.
import { KEY_FALLBACK_PREFIX, KEY_HOST_PREFIX } from '../format/layout.ts';
import { asBuffer } from './refusal.ts';
import type { RouteKind } from './refusal.ts';

export interface Sites {
  readonly hosts: ReadonlySet<string>;
  readonly defaultSite: boolean;
}

const SLASH = 0x2f;

/** What is wrong in words, or undefined. */
export function checkSite(
  sites: Sites,
  key: Uint8Array,
  kind: RouteKind | 'host',
): string | undefined {
  // The prefixes of both kinds of fallback are of one length.
  const at = kind === 'fallback' || kind === 'rewrite' ? KEY_FALLBACK_PREFIX.length : 0;
  if (key[at] !== KEY_HOST_PREFIX) {
    return sites.defaultSite ? undefined : 'the manifest says that there is no default site';
  }
  const slash = key.indexOf(SLASH, at);
  const name = key.subarray(at + 1, slash < 0 ? key.length : slash);
  const known = sites.hosts.has(asBuffer(name).toString('latin1'));
  return known ? undefined : 'the manifest does not list its host';
}
