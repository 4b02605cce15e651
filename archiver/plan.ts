// plan.ts: decides which paths the archive will answer and with what.
//
// Pure: reads no file and no clock, so that `cdbpack --plan` and the tests see exactly what
// write.ts will do.
import type { SiteFile } from './scan.ts';
import { compareBytes } from './text.ts';

export type PlannedRoute =
  | { readonly key: string; readonly kind: 'file'; readonly file: SiteFile }
  | { readonly key: string; readonly kind: 'redirect'; readonly to: string };

export interface Fallback {
  /** A folder's key: '/' or '/docs/'. */
  readonly folder: string;
  readonly file: SiteFile;
}

export interface Plan {
  readonly files: readonly SiteFile[];
  /** In the order of the bytes of their keys. */
  readonly routes: readonly PlannedRoute[];
  readonly fallbacks: readonly Fallback[];
}

/** How names that end in .html become paths; one function for each --html-urls. */
export type HtmlUrls = 'both';

const INDEX = 'index.html';
const PAGE = '.html';
const NOT_FOUND = '404.html';

const MAPPINGS: Readonly<Record<HtmlUrls, readonly ((map: Mapping, page: Page) => void)[]>> = {
  // Each step is done for every file before the next begins: an earlier one wins.
  both: [addIndexAlias, addPageAlias, addIndexRedirect, addPageRedirect],
};

type Mapping = Map<string, PlannedRoute>;

interface Page {
  readonly file: SiteFile;
  /** '/' or '/docs/' */
  readonly folder: string;
  readonly name: string;
}

export function planSite(files: readonly SiteFile[], htmlUrls: HtmlUrls): Plan {
  const map: Mapping = new Map();
  const pages: Page[] = [];
  for (const file of files) {
    const key = `/${file.path}`;
    map.set(key, { key, kind: 'file', file });
    const at = key.lastIndexOf('/') + 1;
    const page = { file, folder: key.slice(0, at), name: key.slice(at) };
    // A file named '.html' is a page without a name: no alias.
    if (page.name.endsWith(PAGE) && page.name !== PAGE) pages.push(page);
  }
  for (const step of MAPPINGS[htmlUrls]) for (const page of pages) step(map, page);
  const fallbacks = pages.filter((page) => page.name === NOT_FOUND);
  return {
    files,
    routes: [...map.values()].sort((left, right) => compareBytes(left.key, right.key)),
    fallbacks: fallbacks
      .map(({ folder, file }) => ({ folder, file }))
      .sort((left, right) => compareBytes(left.folder, right.folder)),
  };
}

/** `/dir/` is dir/index.html. */
function addIndexAlias(map: Mapping, { file, folder, name }: Page): void {
  if (name === INDEX) addFile(map, folder, file);
}

/** `/page` is page.html, also beside page/index.html; index.html is no page of that name. */
function addPageAlias(map: Mapping, page: Page): void {
  if (page.name !== INDEX) addFile(map, pageKey(page), page.file);
}

/** `/dir` goes to `/dir/`. */
function addIndexRedirect(map: Mapping, { folder, name }: Page): void {
  if (name === INDEX && folder !== '/') addRedirect(map, folder.slice(0, -1), folder);
}

/** `/page/` goes to `/page`. */
function addPageRedirect(map: Mapping, page: Page): void {
  if (page.name !== INDEX) addRedirect(map, `${pageKey(page)}/`, pageKey(page));
}

function pageKey({ folder, name }: Page): string {
  return folder + name.slice(0, -PAGE.length);
}

function addFile(map: Mapping, key: string, file: SiteFile): void {
  if (!map.has(key)) map.set(key, { key, kind: 'file', file });
}

function addRedirect(map: Mapping, key: string, to: string): void {
  if (!map.has(key)) map.set(key, { key, kind: 'redirect', to });
}
