// site.ts: a site, its files, and what there is to say of them.

export interface Site {
  /** As keys have it; '' is the default site. */
  readonly host: string;
  /** The folder as it was named. */
  readonly root: string;
}

export interface SiteFile {
  readonly site: Site;
  /** Below the root, with '/' between names and none before the first. */
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
}

export interface Warning {
  /** As nameIn() gives it. */
  readonly path: string;
  /** In a rule file; the first is 1. */
  readonly line?: number;
  readonly text: string;
}

/** A path below the root of a site as people read it: the same path of two sites differs. */
export function nameIn({ host }: Site, path: string): string {
  return host === '' ? path : `@${host}/${path}`;
}
