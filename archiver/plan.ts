// plan.ts: decides which paths the archive will answer and with what.
//
// Pure: reads no file and no clock, so that `cdbpack --plan` and the tests see exactly what
// write.ts will do.
import type { FileList, ListedFile } from './file_list.ts';
import { FORM, INDEX, PAGE, RouteList } from './route_list.ts';
import type { Site } from './site.ts';
import { keyPrefix } from './target.ts';
import type { Redirects } from './rules/redirects_plan.ts';
import { compareBytes } from './text.ts';

export interface Fallback {
  /** A folder's key: '/', '/docs/' or '@host/docs/'. */
  readonly folder: string;
  readonly file: ListedFile;
}

export interface Plan {
  readonly files: FileList;
  /** Whether one of the sites is for all hosts that have none of their own. */
  readonly defaultSite: boolean;
  /** Of the other sites, in the order of their bytes. */
  readonly hosts: readonly string[];
  /** In the order of the bytes of their keys. */
  readonly routes: RouteList;
  /** The 404.html of folders, in the order of the bytes of their keys. */
  readonly fallbacks: readonly Fallback[];
  /** The same for 200.html. */
  readonly rewrites: readonly Fallback[];
  /** Of `_redirects`: keys beside `routes`, and tables. */
  readonly redirects: Redirects;
}

/** How names that end in .html become paths. */
export const HTML_URLS = ['both', 'clean', 'exact'] as const;
export type HtmlUrls = (typeof HTML_URLS)[number];

const NOT_FOUND = '404.html';
const REWRITE = '200.html';
/** What would be left of such a name is no name: the page has no other path than its own. */
const NO_NAMES = ['', '.', '..'];

/** Sites in any order, each host once. */
export function planSites(sites: readonly Site[], files: FileList, htmlUrls: HtmlUrls): Plan {
  const hosts = sites.map(({ host }) => host);
  return {
    files,
    defaultSite: hosts.includes(''),
    hosts: hosts.filter((host) => host !== '').sort(compareBytes),
    routes: decide(candidates(files, htmlUrls), files, htmlUrls),
    fallbacks: foldersOf(files, NOT_FOUND),
    rewrites: foldersOf(files, REWRITE),
    redirects: { routes: [], tables: [] },
  };
}

/** All that a file might answer; of one key there may be several. */
function candidates(files: FileList, htmlUrls: HtmlUrls): RouteList {
  const found = new RouteList(files);
  for (let file = 0; file < files.length; file++) {
    const path = files.path(file);
    found.add(file, FORM.file);
    if (nameOf(path) === INDEX) {
      found.add(file, FORM.folder);
      if (path !== INDEX) found.add(file, FORM.toFolder);
    } else if (isPage(path) && hasName(path, htmlUrls)) {
      found.add(file, FORM.page);
      found.add(file, FORM.toPage);
    }
  }
  return found;
}

/** 404.html is no page that anybody goes to: where names are clean it keeps its own. */
function hasName(path: string, htmlUrls: HtmlUrls): boolean {
  return htmlUrls === 'both' || (htmlUrls === 'clean' && nameOf(path) !== NOT_FOUND);
}

/** One route for each key. Where names are clean, the file of a clean path leads to it. */
function decide(found: RouteList, files: FileList, htmlUrls: HtmlUrls): RouteList {
  found.sort();
  const routes = new RouteList(files);
  const clean = htmlUrls === 'clean';
  /** By file: the clean path is its own. It is shorter than the others, and comes before them. */
  const won = new Uint8Array(files.length);
  for (let index = 0; index < found.length; index++) {
    if (index > 0 && found.isSameKey(index, index - 1)) continue;
    const file = found.file(index);
    const form = found.form(index);
    if (form === FORM.folder || form === FORM.page) won[file] = form;
    const led = clean && won[file] !== 0;
    if (form === FORM.file && led) routes.add(file, LED[won[file]!]!);
    else if (form !== FORM.toPage || !clean || led) routes.add(file, form);
  }
  return routes;
}

const LED: Readonly<Record<number, number>> = {
  [FORM.folder]: FORM.fileToFolder,
  [FORM.page]: FORM.fileToPage,
};

/** The folders that have a file of this name. */
function foldersOf(files: FileList, name: string): Fallback[] {
  const found: Fallback[] = [];
  for (let index = 0; index < files.length; index++) {
    const path = files.path(index);
    if (nameOf(path) !== name) continue;
    const file = files.at(index);
    const folder = `${keyPrefix(file.site.host)}/${path.slice(0, -name.length)}`;
    found.push({ folder, file });
  }
  return found.sort((left, right) => compareBytes(left.folder, right.folder));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function isPage(path: string): boolean {
  const name = nameOf(path);
  return name.endsWith(PAGE) && !NO_NAMES.includes(name.slice(0, -PAGE.length));
}
