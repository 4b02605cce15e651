// frame.ts: does the message hold together? Host and body framing. RFC 9112 3.2, 6, 9.3.
//
// Answers 0, or the negative status to refuse and close with (-421 keeps the connection).
import { isAuthority } from './host.ts';
import * as R from './request.ts';
import { checkAsterisk } from './target.ts';

const { request } = R;

export function checkFrame(base: number): number {
  const host = checkHost(base);
  if (host < 0) return host;
  if (checkAsterisk(base) < 0) return -400;
  const body = checkBody();
  if (body < 0) return body;
  return request[R.HTTPS] === 1 && request[R.SECURE] === 0 ? -421 : 0;
}

/** Exactly one valid Host line; HTTP/1.0 may leave it out; an empty value is the default site. */
function checkHost(base: number): number {
  const hosts = request[R.HOSTS]!;
  if (hosts === 0) return request[R.MINOR] === 0 ? 0 : -400;
  if (hosts > 1) return -400;
  return isAuthority(base + request[R.HOST_AT]!, base + request[R.HOST_END]!) ? 0 : -400;
}

/**
 * Sets CLOSING where the connection must end after the answer: a body is never read as a request.
 */
function checkBody(): number {
  const options = request[R.OPTIONS_SEEN]!;
  const keeps = request[R.MINOR] === 1 || (options & R.CONNECTION_KEEP_ALIVE) !== 0;
  if (!keeps || (options & R.CONNECTION_CLOSE) !== 0) request[R.CLOSING] = 1;
  const length = request[R.CONTENT_LENGTH]!;
  const transfer = request[R.TRANSFER]!;
  if (length === R.LENGTH_BAD) return -400;
  if (length === R.LENGTH_BODY) request[R.CLOSING] = 1;
  if (transfer === 0) return 0;
  request[R.CLOSING] = 1;
  if (length !== R.LENGTH_ABSENT || request[R.MINOR] === 0) return -400;
  if ((transfer & R.TRANSFER_LAST_CHUNKED) === 0) return -400;
  if ((transfer & R.TRANSFER_CHUNKED_TWICE) !== 0) return -400;
  return (transfer & R.TRANSFER_OTHER) !== 0 ? -501 : 0;
}
