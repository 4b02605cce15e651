// decide.ts: which answer a request gets: the precedence of refusals, then the route.
//
// Knows no socket. Answers false where this turn has no room for the answer: ask again.
import { ROUTE_FLAG_REDIRECT, ROUTE_FLAGS, ROUTE_STATUS } from '../format/layout.ts';
import { u16 } from './archive.ts';
import { allowsRange, checkConditions, PROCEED } from './conditions.ts';
import { checkFrame } from './frame.ts';
import { findFallback, findRootFallback, findRoute } from './lookup.ts';
import { GET, OPTIONS, UNKNOWN } from './methods.ts';
import { selectVariant } from './negotiate.ts';
import { bodyBytes, fitsMultipart, hasRoomForMultipart } from './partial.ts';
import { sendMultipart, sendRange, sendUnsatisfiable } from './partial.ts';
import { readPath } from './path.ts';
import { RANGE_IGNORED, RANGE_UNSATISFIABLE, readRanges } from './ranges.ts';
import * as R from './request.ts';
import { firstVariant, sendCanned, sendNotModified, sendRedirect } from './respond.ts';
import { sendRefusal, sendStored } from './respond.ts';
import { inbox } from './ring.ts';
import { selectSite } from './site.ts';
import { ASTERISK } from './tables.ts';

const { request } = R;

/** `base`: place of the request's first byte. Sets CLOSING where this answer must be the last. */
export function decide(base: number): boolean {
  const frame = checkFrame(base);
  if (frame !== 0) return refuse(frame);
  const site = selectSite(base);
  if (site !== 0) return refuse(site);
  const method = request[R.METHOD]!;
  if (method > OPTIONS) return answer(method === UNKNOWN ? 501 : 405);
  if (request[R.EXPECT] === R.EXPECT_OTHER && request[R.MINOR] === 1) return refuse(-417);
  const path = readTarget(base);
  if (path === -400) return refuse(path);
  if (method === OPTIONS) return answer(204);
  if (path < 0) return sendFallback(base, findRootFallback());
  const route = findRoute();
  return route === 0 ? sendFallback(base, findFallback()) : sendRoute(base, route);
}

/** A negative status, sent with the built-in body. All but 421 close. */
export function refuse(status: number): boolean {
  if (status !== -421) request[R.CLOSING] = 1;
  return answer(-status);
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
  if ((u16((route + ROUTE_FLAGS) | 0) & ROUTE_FLAG_REDIRECT) !== 0) {
    sendRedirect(base, firstVariant(route));
    return true;
  }
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

/**
 * The archive's page for what is missing, in whatever coding; the built-in one where there is none.
 */
function sendFallback(base: number, route: number): boolean {
  if (route === 0) return answer(404);
  if (u16((route + ROUTE_STATUS) | 0) === 200) return sendRoute(base, route);
  const variant = selectVariant(route);
  if (variant === 0) sendRefusal(404, route);
  else sendStored(variant);
  return true;
}
