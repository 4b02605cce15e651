// decide.ts: which answer a request gets: the precedence of refusals, then the route.
//
// Knows no socket. Answers false where this turn has no room for the answer: ask again.
import {
  ROUTE_FLAG_MISSING,
  ROUTE_FLAG_OWN_QUERY,
  ROUTE_FLAG_REDIRECT,
  ROUTE_FLAGS,
  ROUTE_STATUS,
  RULE_KIND,
  RULE_KIND_LOCATION,
  RULE_KIND_LOOKUP,
  RULE_ROUTE_AT,
} from '../format/layout.ts';
import { u16, u8 } from './archive.ts';
import { allowsRange, checkConditions, PROCEED } from './conditions.ts';
import { checkFrame } from './frame.ts';
import { asksHealth, DRAINING, health } from './health.ts';
import { findFallback, findRootFallback, findRoute, HAS_RULES, lookup } from './lookup.ts';
import { GET, OPTIONS, UNKNOWN } from './methods.ts';
import { selectVariant } from './negotiate.ts';
import { bodyBytes, fitsMultipart, hasRoomForMultipart } from './partial.ts';
import { sendMultipart, sendRange, sendUnsatisfiable } from './partial.ts';
import { readPath } from './path.ts';
import { RANGE_IGNORED, RANGE_UNSATISFIABLE, readRanges } from './ranges.ts';
import * as R from './request.ts';
import { CANNED_DRAINING, CANNED_HEALTHY } from './respond.ts';
import { firstVariant, makeQuery, pushOpenHead, sendCanned } from './respond.ts';
import { sendAllowed, sendNotModified, sendRedirect, sendRefusal } from './respond.ts';
import { sendStored } from './respond.ts';
import { findRewritten, fitsLocation, makeLocation } from './rewrite.ts';
import { inbox } from './ring.ts';
import { selectSite } from './site.ts';
import { ASTERISK } from './tables.ts';
import { findRule } from './wildcards.ts';

const { request } = R;

/** Routes that are no representation. */
const SPECIAL = ROUTE_FLAG_REDIRECT | ROUTE_FLAG_MISSING;

/** `base`: place of the request's first byte. Sets CLOSING where this answer must be the last. */
export function decide(base: number): boolean {
  const frame = checkFrame(base);
  if (frame !== 0) return refuse(frame);
  const site = selectSite(base);
  if (site !== 0) return sendNowhere(base, site);
  const method = request[R.METHOD]!;
  if (method > OPTIONS) return answer(method === UNKNOWN ? 501 : 405);
  if (request[R.EXPECT] === R.EXPECT_OTHER && request[R.MINOR] === 1) return refuse(-417);
  const path = readTarget(base);
  if (path === -400) return refuse(path);
  if (method === OPTIONS) return sendOptions(base, path);
  if (path < 0) return sendFallback(base, findRootFallback());
  const route = findRoute();
  return route === 0 ? sendMissing(base) : sendRoute(base, route);
}

/** A negative status, sent with the built-in body. All but 421 close. */
export function refuse(status: number): boolean {
  if (status !== -421) request[R.CLOSING] = 1;
  return answer(-status);
}

/** Health is asked for by address, too: of no site. */
function sendNowhere(base: number, status: number): boolean {
  return readTarget(base) === 0 && asksHealth() ? sendHealth() : refuse(status);
}

function sendHealth(): boolean {
  request[R.STATUS] = health[DRAINING] === 1 ? 503 : 200;
  return answer(health[DRAINING] === 1 ? CANNED_DRAINING : CANNED_HEALTHY);
}

function answer(status: number): boolean {
  sendCanned(status);
  return true;
}

function readTarget(base: number): number {
  if (inbox[base + request[R.TARGET_AT]!] === ASTERISK) return 0;
  return readPath(base);
}

function sendRoute(base: number, route: number): boolean {
  request[R.STATUS] = u16((route + ROUTE_STATUS) | 0);
  const flags = u16((route + ROUTE_FLAGS) | 0);
  if ((flags & SPECIAL) !== 0) return sendSpecial(base, route, flags);
  const variant = selectVariant(route);
  if (variant === 0) return answer(406);
  const condition = checkConditions(base, route, variant);
  if (condition === PROCEED) return sendSelected(base, route, variant);
  if (condition === 304) sendNotModified(variant);
  else sendRefusal(condition, route);
  return true;
}

/** The whole representation, or what a Range asks of it. */
function sendSelected(base: number, route: number, variant: number): boolean {
  const count = countRanges(base, route, variant);
  if (count === RANGE_IGNORED || (count > 1 && !fitsMultipart(variant))) sendStored(variant);
  else if (count === RANGE_UNSATISFIABLE) sendUnsatisfiable(route, variant);
  else if (count === 1) sendRange(variant);
  else if (hasRoomForMultipart()) sendMultipart(variant, count);
  else return false;
  return true;
}

function countRanges(base: number, route: number, variant: number): number {
  if (request[R.RANGE + R.LINES] !== 1 || request[R.METHOD] !== GET) return RANGE_IGNORED;
  if (!allowsRange(base, route, variant)) return RANGE_IGNORED;
  const at = base + request[R.RANGE + R.VALUE_AT]!;
  return readRanges(at, base + request[R.RANGE + R.VALUE_END]!, bodyBytes(variant));
}

/** A redirect, or the page for what is missing, in whatever coding. */
function sendSpecial(base: number, route: number, flags: number): boolean {
  if ((flags & ROUTE_FLAG_REDIRECT) !== 0) {
    pushOpenHead(firstVariant(route));
    if ((flags & ROUTE_FLAG_OWN_QUERY) === 0) makeQuery(base);
    sendRedirect(firstVariant(route));
    return true;
  }
  const variant = selectVariant(route);
  if (variant === 0) sendRefusal(404, route);
  else sendStored(variant);
  return true;
}

/** 204 for every path, with what the route that GET would find says to other origins. */
function sendOptions(base: number, path: number): boolean {
  const isServer = inbox[base + request[R.TARGET_AT]!] === ASTERISK;
  const route = isServer || path < 0 ? 0 : findOptions();
  if (route === 0) return answer(204);
  sendAllowed(firstVariant(route));
  return true;
}

function findOptions(): number {
  const route = findRoute();
  if (route !== 0) return route;
  const rule = lookup[HAS_RULES] === 0 ? 0 : findRule();
  if (rule === 0) return findFallback();
  if (u8((rule + RULE_KIND) | 0) !== RULE_KIND_LOOKUP) {
    return (rule + u16((rule + RULE_ROUTE_AT) | 0)) | 0;
  }
  const found = findRewritten(rule);
  return found === 0 ? findFallback() : found;
}

/** A path that no route has: health, or the site's rules are for such, and then its fallbacks. */
function sendMissing(base: number): boolean {
  if (asksHealth()) return sendHealth();
  const rule = lookup[HAS_RULES] === 0 ? 0 : findRule();
  return rule === 0 ? sendFallback(base, findFallback()) : sendRule(base, rule);
}

function sendRule(base: number, rule: number): boolean {
  const route = (rule + u16((rule + RULE_ROUTE_AT) | 0)) | 0;
  switch (u8((rule + RULE_KIND) | 0)) {
    case RULE_KIND_LOCATION:
      // RFC 9110 15.5.15 names redirects whose targets grow.
      if (!fitsLocation(rule)) return refuse(-414);
      request[R.STATUS] = u16((route + ROUTE_STATUS) | 0);
      pushOpenHead(firstVariant(route));
      makeLocation(base, rule);
      sendRedirect(firstVariant(route));
      return true;
    case RULE_KIND_LOOKUP: {
      const found = findRewritten(rule);
      return found === 0 ? sendFallback(base, findFallback()) : sendRoute(base, found);
    }
  }
  return sendRoute(base, route);
}

/** The built-in page where the archive has none. */
function sendFallback(base: number, route: number): boolean {
  return route === 0 ? answer(404) : sendRoute(base, route);
}
