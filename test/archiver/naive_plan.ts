// naive_plan.ts: the paths of a site's files as a Map filled step by step: what plan.ts is held
// against.
import type { HtmlUrls } from '../../archiver/plan.ts';

/** By key: a file's path, or `-> ` and where it leads. Of the default site. */
export function naivePlan(paths: readonly string[], style: HtmlUrls): Map<string, string> {
  const map = new Map(paths.map((path) => [`/${path}`, path]));
  const add = (key: string, answer: string) => void (map.has(key) || map.set(key, answer));
  const named = paths.map((path) => ({ path, at: `/${path}` }));
  const indexes = named.filter(({ at }) => at.endsWith('/index.html'));
  const pages = named.filter(
    ({ at }) => !at.endsWith('/index.html') && /[^/]\.html$/.test(at) && !/\/\.\.?\.html$/.test(at),
  );
  const clean = style === 'clean';
  const withName = pages.filter(({ at }) => !clean || !at.endsWith('/404.html'));
  const nameOf = (at: string) => at.slice(0, -'.html'.length);
  const folderOf = (at: string) => at.slice(0, -'index.html'.length);
  for (const { path, at } of indexes) add(folderOf(at), path);
  if (style !== 'exact') for (const { path, at } of withName) add(nameOf(at), path);
  for (const { at } of indexes) {
    if (at !== '/index.html') add(folderOf(at).slice(0, -1), `-> ${folderOf(at)}`);
  }
  if (style === 'exact') return map;
  const led: [string, string][] = [];
  for (const { path, at } of withName) {
    const own = map.get(nameOf(at)) === path;
    if (!clean || own) add(`${nameOf(at)}/`, `-> ${nameOf(at)}`);
    if (clean && own) led.push([at, `-> ${nameOf(at)}`]);
  }
  for (const { at } of clean ? indexes : []) led.push([at, `-> ${folderOf(at)}`]);
  for (const [key, answer] of led) map.set(key, answer);
  return map;
}
