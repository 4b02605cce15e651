// plan.ts: decides which paths the archive will answer and with what.
//
// Pure: reads no file and no clock, so that `cdbpack --plan` and the tests see exactly what
// write.ts will do.
import type { Scan, SiteFile } from './scan.ts';
import { keyPrefix } from './target.ts';
import { compareBytes } from './text.ts';

export type PlannedRoute = {
  readonly key: string;
  /** The key is the path of a file as it was found: the one answered with, or led to. */
  readonly own: boolean;
} & (
  | { readonly kind: 'file'; readonly file: SiteFile }
  | {
      readonly kind: 'redirect';
      /** A path of the same site, without its host. */
      readonly to: string;
    }
);

export interface Fallback {
  /** A folder's key: '/', '/docs/' or '@host/docs/'. */
  readonly folder: string;
  readonly file: SiteFile;
}

export interface Plan {
  readonly files: readonly SiteFile[];
  /** Whether one of the sites is for all hosts that have none of their own. */
  readonly defaultSite: boolean;
  /** Of the other sites, in the order of their bytes. */
  readonly hosts: readonly string[];
  /** In the order of the bytes of their keys. */
  readonly routes: readonly PlannedRoute[];
  /** The 404.html of folders, in the order of the bytes of their keys. */
  readonly fallbacks: readonly Fallback[];
  /** The same for 200.html. */
  readonly rewrites: readonly Fallback[];
}

/** How names that end in .html become paths. */
export const HTML_URLS = ['both', 'clean', 'exact'] as const;
export type HtmlUrls = (typeof HTML_URLS)[number];

const INDEX = 'index.html';
const PAGE = '.html';
const NOT_FOUND = '404.html';
const REWRITE = '200.html';
/** What would be left of such a name is no name: the page has no other path than its own. */
const NO_NAMES = ['', '.', '..'];

type Step = (map: Mapping, page: Page) => void;

/** Each step is done for every file before the next begins: an earlier one wins. */
const MAPPINGS: { readonly [style in HtmlUrls]: readonly Step[] } = {
  both: [addIndexAlias, addPageAlias, addIndexRedirect, addPageRedirect],
  clean: [addIndexAlias, addCleanPath, addIndexRedirect, addCleanRedirect, leadToCleanPath],
  exact: [addIndexAlias, addIndexRedirect],
};

/** Of one site; keys are paths. */
type Mapping = Map<string, PlannedRoute>;

interface Page {
  readonly file: SiteFile;
  /** '/' or '/docs/' */
  readonly folder: string;
  readonly name: string;
}

/** Sites in any order, each host once. */
export function planSites(
  sites: readonly Pick<Scan, 'site' | 'files'>[],
  htmlUrls: HtmlUrls,
): Plan {
  const hosts = sites.map(({ site }) => site.host);
  const parts = sites.map(({ site, files }) => planFiles(files, keyPrefix(site.host), htmlUrls));
  return {
    files: sites.flatMap(({ files }) => files),
    defaultSite: hosts.includes(''),
    hosts: hosts.filter((host) => host !== '').sort(compareBytes),
    routes: sorted(
      parts.flatMap((part) => part.routes),
      ({ key }) => key,
    ),
    fallbacks: sorted(
      parts.flatMap((part) => part.fallbacks),
      ({ folder }) => folder,
    ),
    rewrites: sorted(
      parts.flatMap((part) => part.rewrites),
      ({ folder }) => folder,
    ),
  };
}

function sorted<Item>(items: Item[], keyOf: (item: Item) => string): Item[] {
  return items.sort((left, right) => compareBytes(keyOf(left), keyOf(right)));
}

function planFiles(files: readonly SiteFile[], prefix: string, htmlUrls: HtmlUrls) {
  const map: Mapping = new Map();
  const pages: Page[] = [];
  for (const file of files) {
    const key = `/${file.path}`;
    map.set(key, { key, own: true, kind: 'file', file });
    const at = key.lastIndexOf('/') + 1;
    const page = { file, folder: key.slice(0, at), name: key.slice(at) };
    if (isPage(page.name)) pages.push(page);
  }
  for (const step of MAPPINGS[htmlUrls]) for (const page of pages) step(map, page);
  const named = (name: string) =>
    pages
      .filter((page) => page.name === name)
      .map(({ folder, file }) => ({ folder: prefix + folder, file }));
  const routes = [...map.values()];
  return {
    routes: prefix === '' ? routes : routes.map((route) => ({ ...route, key: prefix + route.key })),
    fallbacks: named(NOT_FOUND),
    rewrites: named(REWRITE),
  };
}

function isPage(name: string): boolean {
  return name.endsWith(PAGE) && !NO_NAMES.includes(name.slice(0, -PAGE.length));
}

/** `/dir/` is dir/index.html. */
function addIndexAlias(map: Mapping, { file, folder, name }: Page): void {
  if (name === INDEX) addFile(map, folder, file);
}

/** `/page` is page.html, also beside page/index.html; index.html is no page of that name. */
function addPageAlias(map: Mapping, page: Page): void {
  if (page.name !== INDEX) addFile(map, pageKey(page), page.file);
}

/** As addPageAlias; 404.html is no page that anybody goes to, and keeps its name. */
function addCleanPath(map: Mapping, page: Page): void {
  if (page.name !== NOT_FOUND) addPageAlias(map, page);
}

/** `/dir` goes to `/dir/`. */
function addIndexRedirect(map: Mapping, { folder, name }: Page): void {
  if (name === INDEX && folder !== '/') addRedirect(map, folder.slice(0, -1), folder);
}

/** `/page/` goes to `/page`. */
function addPageRedirect(map: Mapping, page: Page): void {
  if (page.name !== INDEX) addRedirect(map, `${pageKey(page)}/`, pageKey(page));
}

/** As addPageRedirect, where `/page` is the page: what else is there may go on to a third path. */
function addCleanRedirect(map: Mapping, page: Page): void {
  if (isAt(map, pageKey(page), page.file)) addPageRedirect(map, page);
}

/** `/page.html` goes to `/page` and `/dir/index.html` to `/dir/`, where a real file leaves room. */
function leadToCleanPath(map: Mapping, page: Page): void {
  const to = page.name === INDEX ? page.folder : pageKey(page);
  const key = `/${page.file.path}`;
  if (isAt(map, to, page.file)) map.set(key, { key, own: true, kind: 'redirect', to });
}

function pageKey({ folder, name }: Page): string {
  return folder + name.slice(0, -PAGE.length);
}

function isAt(map: Mapping, key: string, file: SiteFile): boolean {
  const route = map.get(key);
  return route?.kind === 'file' && route.file === file;
}

function addFile(map: Mapping, key: string, file: SiteFile): void {
  if (!map.has(key)) map.set(key, { key, own: false, kind: 'file', file });
}

function addRedirect(map: Mapping, key: string, to: string): void {
  if (!map.has(key)) map.set(key, { key, own: false, kind: 'redirect', to });
}
