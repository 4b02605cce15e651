// decide.ts: which answer a request gets: the precedence of refusals, then the route. Knows no
// socket.
import {
  ROUTE_FLAG_REDIRECT,
  ROUTE_FLAGS,
  ROUTE_HEAD_BYTES,
  ROUTE_STATUS,
} from '../format/layout.ts';
import { u16 } from './archive.ts';
import { isNotModified } from './conditions.ts';
import { checkFrame } from './frame.ts';
import { findFallback, findRootFallback, findRoute } from './lookup.ts';
import { GET, HEAD, OPTIONS, UNKNOWN } from './methods.ts';
import { selectVariant } from './negotiate.ts';
import { readPath } from './path.ts';
import * as R from './request.ts';
import { inbox } from './ring.ts';
import { sendCanned, sendNotModified, sendRedirect, sendStored } from './respond.ts';
import { ASTERISK } from './tables.ts';

const { request } = R;

/** `base`: place of the request's first byte. Sets CLOSING where this answer must be the last. */
export function decide(base: number): void {
  const frame = checkFrame(base);
  if (frame !== 0) return refuse(frame);
  const method = request[R.METHOD]!;
  if (method > OPTIONS) return sendCanned(method === UNKNOWN ? 501 : 405);
  if (request[R.EXPECT] === R.EXPECT_OTHER && request[R.MINOR] === 1) return refuse(-417);
  const path = readTarget(base);
  if (path === -400) return refuse(path);
  if (method === OPTIONS) return sendCanned(204);
  if (path < 0) return sendMissing(findRootFallback());
  const route = findRoute();
  if (route === 0) return sendMissing(findFallback());
  sendRoute(base, route);
}

/** A negative status, sent with the built-in body. All but 421 close. */
export function refuse(status: number): void {
  if (status !== -421) request[R.CLOSING] = 1;
  sendCanned(-status);
}

function readTarget(base: number): number {
  if (inbox[base + request[R.TARGET_AT]!] === ASTERISK) return 0;
  return readPath(base + request[R.PATH_AT]!, base + request[R.QUERY_AT]!);
}

function sendRoute(base: number, route: number): void {
  if ((u16((route + ROUTE_FLAGS) | 0) & ROUTE_FLAG_REDIRECT) !== 0) {
    return sendRedirect(base, (route + ROUTE_HEAD_BYTES) | 0);
  }
  const variant = selectVariant(route);
  if (variant === 0) return sendCanned(406);
  const isGet = request[R.METHOD] === GET || request[R.METHOD] === HEAD;
  if (isGet && u16((route + ROUTE_STATUS) | 0) === 200 && isNotModified(base, variant)) {
    return sendNotModified(variant);
  }
  sendStored(variant);
}

/** The archive's page for it, in whatever coding; the built-in one where there is none. */
function sendMissing(fallback: number): void {
  const variant = fallback === 0 ? 0 : selectVariant(fallback);
  if (variant === 0) sendCanned(404);
  else sendStored(variant);
}
