// odd.ts: requests of every shape but the usual one, the same for the same number.

const METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS', 'get', 'PROPFIND', 'G\x01T', ''];
const VERSIONS = ['HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'http/1.1', 'HTTP/1.10', ''];
const FIELDS = [
  'Range: bytes=0-0,2-3,5-',
  'Range: bytes=-1',
  'Range: bytes=99999999999999999999-',
  'If-None-Match: W/"a", "b", *',
  'If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT',
  'If-Range: "x"',
  'Accept-Encoding: br;q=0.001, gzip;q=1.000, *;q=0',
  'Accept-Encoding: identity;q=0',
  'Content-Length: 5',
  'Transfer-Encoding: chunked',
  'Connection: close, te, upgrade',
  'Expect: 100-continue',
  ' folded: line',
  'Bad Name: x',
  'Empty:',
  `Long: ${'x'.repeat(9_000)}`,
  `Cookie: ${'\xe9'.repeat(300)}`,
];

export function oddRequest(number: number): string {
  let state = (number + 1) * 2_654_435_761;
  const next = (most: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % most;
  };
  const path = ['/', '/small.txt', '/a/../b', '/%41%00', `/${'y'.repeat(next(9_000))}`, '*', '//'][
    next(7)
  ];
  const fields = Array.from({ length: next(12) }, () => FIELDS[next(FIELDS.length)]!);
  const host = next(6) === 0 ? [] : [`Host: ${['a', 'a:80', '[::1]', 'b c'][next(4)]}`];
  const line = `${METHODS[next(12) % 8]} ${path} ${VERSIONS[next(14) % 6]}`;
  const whole = [line, ...host, ...fields, '', ''].join(next(9) === 0 ? '\n' : '\r\n');
  return next(7) === 0 ? whole.slice(0, next(whole.length)) : whole.repeat(1 + next(3));
}
