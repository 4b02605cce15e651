// fill_routes.ts: stores a plan's hosts, routes and rules in the order of their keys, each with the
// header blocks that are new with it.
import {
  CODING_IDENTITY,
  KEY_FALLBACK_PREFIX,
  KEY_REWRITE_PREFIX,
  KEY_RULES,
} from '../src/format/layout.ts';
import { encodeRoute } from '../src/format/route.ts';
import type { Route, Variant } from '../src/format/route.ts';
import { encodeRules } from '../src/format/rules.ts';
import { NO_STORE, cacheControl } from './caching.ts';
import type { ListedFile } from './file_list.ts';
import type { Watch } from './follow.ts';
import { BlockTooLong, contentHead, editedType, etagOf } from './headers.ts';
import { ownLocation, redirectHead } from './headers.ts';
import type { Fields, HeadBlock } from './headers.ts';
import { mediaType } from './media.ts';
import type { Fallback, Plan } from './plan.ts';
import type { PlannedRoute } from './route_list.ts';
import type { Edits, HeaderRules } from './rules/header_rules.ts';
import type { Redirection } from './rules/redirect_answers.ts';
import type { RuledRoute } from './rules/redirects_plan.ts';
import { folderOf } from './rules/rule_table.ts';
import type { RuleTable, TableRule } from './rules/rule_table.ts';
import type { StoredFiles } from './stored_files.ts';
import type { Store } from './store.ts';
import { keyPrefix } from './target.ts';
import { compareBytes } from './text.ts';

export interface RouteOptions {
  readonly security: Fields;
  readonly headers: HeaderRules;
  readonly watch: Watch;
}

interface Filling extends RouteOptions {
  readonly store: Store;
  readonly files: StoredFiles;
}

const RECENT_ROUTES_MAX = 4_096;

/**
 * A header block stands before the first route that has it: a lookup touches both. Gives the
 * codings of all routes, bits by CODING_*.
 */
export function addRoutes(filling: Filling, plan: Plan): number {
  const { store, headers, watch } = filling;
  const { fallbacks, redirects, rewrites } = plan;
  watch.phase('writing', { items: plan.routes.length + redirects.routes.length, bytes: 0 });
  for (const host of plan.hosts) store.add(Buffer.from(keyPrefix(host)), new Uint8Array(0));
  const ofFile = recentRoutes(filling);
  let codings = 0;
  const add = (key: string, route: Route) => {
    codings |= codingsOf(route);
    store.add(Buffer.from(key), encodeRoute(route));
  };
  for (const route of inOrder(plan.routes, redirects.routes)) {
    const answer = { key: route.key, edits: headers.forKey(route.key) };
    add(
      route.key,
      made(headers, answer, (edits) => routeOf(filling, route, edits, ofFile)),
    );
  }
  const addFallback = (family: string, { folder }: Fallback, make: (edits: Edits) => Route) => {
    add(family + folder, made(headers, { key: folder, edits: headers.forFolder(folder) }, make));
  };
  for (const fallback of fallbacks) {
    const { file } = fallback;
    addFallback(KEY_FALLBACK_PREFIX, fallback, (edits) => fileRoute(filling, file, 404, edits));
  }
  for (const fallback of rewrites) {
    addFallback(KEY_REWRITE_PREFIX, fallback, (edits) => ofFile(fallback.file, edits));
  }
  for (const table of redirects.tables) codings |= addTable(filling, table);
  return codings;
}

type FileRoute = (file: ListedFile, edits: Edits) => Route;

function routeOf(
  filling: Filling,
  route: PlannedRoute | RuledRoute,
  edits: Edits,
  ofFile: FileRoute,
): Route {
  if ('answer' in route) return ruledRoute(filling, route.answer, edits);
  const { own } = route;
  if (route.kind === 'file') return { ...ofFile(route.file, edits), file: own };
  const location = { ...ownLocation(route.to), ownQuery: false };
  return { ...redirectRoute(filling, { status: 308, ...location }, edits), file: own };
}

function ruledRoute(filling: Filling, answer: RuledRoute['answer'], edits: Edits): Route {
  if (answer.kind === 'redirect') return redirectRoute(filling, answer, edits);
  return fileRoute(filling, answer.file, answer.status, edits);
}

/** Both are in the order of their keys, and have none in common. */
function* inOrder(
  planned: Iterable<PlannedRoute>,
  ruled: readonly RuledRoute[],
): Generator<PlannedRoute | RuledRoute> {
  let next = 0;
  for (const route of planned) {
    while (next < ruled.length && compareBytes(ruled[next]!.key, route.key) < 0) {
      yield ruled[next++]!;
    }
    yield route;
  }
  yield* ruled.slice(next);
}

function addTable(filling: Filling, { host, rules }: RuleTable): number {
  let codings = 0;
  const encoded = rules.map((rule) => {
    const route = tableRoute(filling, host, rule);
    if (route) codings |= codingsOf(route);
    const { from } = rule.rule;
    const segments = from.segments.map((text) => text ?? '');
    const bytes = route ? encodeRoute(route) : new Uint8Array(0);
    return { kind: rule.kind, segments, splat: from.splat, pieces: rule.pieces, route: bytes };
  });
  const key = KEY_RULES + keyPrefix(host);
  filling.store.add(Buffer.from(key), encodeRules(encoded));
  return codings;
}

function tableRoute(filling: Filling, host: string, rule: TableRule): Route | undefined {
  const { answer } = rule;
  if (!answer) return undefined;
  const key = folderOf(host, rule);
  const { headers } = filling;
  const edits = headers.forFolder(key);
  return made(headers, { key, edits }, (given) => ruledRoute(filling, answer, given));
}

function codingsOf({ variants }: Route): number {
  return variants.reduce((bits, { coding }) => bits | (1 << coding), 0);
}

interface Answer {
  readonly key: string;
  readonly edits: Edits;
}

/** Throws a Failure that names the lines of `_headers` that make the headers too long. */
function made(headers: HeaderRules, { key, edits }: Answer, make: (edits: Edits) => Route): Route {
  try {
    return make(edits);
  } catch (error) {
    throw error instanceof BlockTooLong ? headers.overflow(key, edits, error.bytes) : error;
  }
}

/** The paths of a file mostly stand close together: its route is made once for them. */
function recentRoutes(filling: Filling): FileRoute {
  const recent = new Map<number, { edits: Edits; route: Route }>();
  return (file, edits) => {
    const last = recent.get(file.index);
    if (last?.edits === edits) return last.route;
    const route = fileRoute(filling, file, 200, edits);
    if (recent.size === RECENT_ROUTES_MAX) recent.clear();
    recent.set(file.index, { edits, route });
    return route;
  };
}

function fileRoute(filling: Filling, file: ListedFile, status: 200 | 404, edits: Edits): Route {
  const variants = filling.files.variants(file.index);
  const type = editedType(edits, mediaType(file.path));
  const found = status === 200;
  const time = found ? filling.files.modified(file.index) : 0;
  return {
    status,
    redirect: false,
    ownQuery: false,
    file: false,
    modified: time,
    variants: variants.map(({ coding, at, bytes, digest }) => {
      const block = contentHead({
        status,
        cacheControl: found ? cacheControl(file.path) : NO_STORE,
        etag: found ? etagOf(digest, coding, type) : undefined,
        varies: variants.length > 1,
        modified: time,
        coding,
        type,
        bodyBytes: bytes,
        security: filling.security,
        edits,
      });
      return variantOf(filling, block, { coding, bodyAt: at, bodyBytes: bytes });
    }),
  };
}

function redirectRoute(
  filling: Filling,
  to: Omit<Redirection, 'kind' | 'status'> & { readonly status: number },
  edits: Edits,
): Route {
  const { status, ownQuery } = to;
  const block = redirectHead(status, to, { security: filling.security, edits });
  const empty = { coding: CODING_IDENTITY, bodyAt: 0, bodyBytes: 0 };
  const variants = [variantOf(filling, block, empty)];
  return { status, redirect: true, ownQuery, file: false, modified: 0, variants };
}

function variantOf(
  filling: Filling,
  block: HeadBlock,
  body: Pick<Variant, 'coding' | 'bodyAt' | 'bodyBytes'>,
): Variant {
  // Not spread: objects so made are slow to read, and there are four for each file.
  return {
    coding: body.coding,
    statusBytes: block.statusBytes,
    commonBytes: block.commonBytes,
    contentBytes: block.contentBytes,
    lengthBytes: block.lengthBytes,
    etagAt: block.etagAt,
    etagBytes: block.etagBytes,
    typeAt: block.typeAt,
    typeBytes: block.typeBytes,
    sharingBytes: block.sharingBytes,
    headAt: filling.store.addHead(block),
    bodyAt: body.bodyAt,
    bodyBytes: body.bodyBytes,
  };
}
