// cases.ts: what is measured, as data.
import { LARGE_PATH, MISSING_PATH, PAGE_PATH } from './site.ts';

export type LoaderName = 'wrk' | 'autocannon';

export interface Case {
  readonly name: string;
  readonly about: string;
  readonly path: string;
  /** Every answer must have it. */
  readonly status: 200 | 304 | 404;
  readonly connections: number;
  /** Requests sent at once on a connection. */
  readonly pipelining: number;
  /** Every request asks for the end of its connection. */
  readonly closes: boolean;
  /** Every request carries the ETag of the answer as If-None-Match. */
  readonly conditional: boolean;
  readonly loaders: readonly LoaderName[];
}

const PLAIN = {
  path: PAGE_PATH,
  status: 200,
  connections: 64,
  pipelining: 1,
  closes: false,
  conditional: false,
  loaders: ['wrk'],
} as const;

/** The first one is the main case. */
export const CASES: readonly Case[] = [
  {
    ...PLAIN,
    name: 'small-page',
    about: 'a page of 3 KB in gzip, headers of a browser, 64 connections',
    loaders: ['wrk', 'autocannon'],
  },
  { ...PLAIN, name: 'pipelining-16', about: 'the same, 16 requests at once', pipelining: 16 },
  {
    ...PLAIN,
    name: 'not-modified',
    about: 'the same with a matching If-None-Match: 304',
    status: 304,
    conditional: true,
  },
  {
    ...PLAIN,
    name: 'not-found',
    about: 'a path that does not exist: 404',
    path: MISSING_PATH,
    status: 404,
  },
  {
    ...PLAIN,
    name: 'new-connection',
    about: 'the small page, a new connection for each request',
    closes: true,
  },
  {
    ...PLAIN,
    name: 'large-body',
    about: 'a body of 1 MiB without coding, 64 connections',
    path: LARGE_PATH,
  },
];

/**
 * Header fields of a desktop Chrome that navigates, in its order. Over plain HTTP it accepts gzip
 * and deflate alone, which also gives every server the same coding to send.
 */
const BROWSER_FIELDS: readonly (readonly [string, string])[] = [
  ['Cache-Control', 'max-age=0'],
  ['sec-ch-ua', '"Chromium";v="130", "Google Chrome";v="130", "Not?A_Brand";v="99"'],
  ['sec-ch-ua-mobile', '?0'],
  ['sec-ch-ua-platform', '"Linux"'],
  ['Upgrade-Insecure-Requests', '1'],
  [
    'User-Agent',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
      'Chrome/130.0.0.0 Safari/537.36',
  ],
  [
    'Accept',
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,' +
      '*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
  ],
  ['Sec-Fetch-Site', 'none'],
  ['Sec-Fetch-Mode', 'navigate'],
  ['Sec-Fetch-User', '?1'],
  ['Sec-Fetch-Dest', 'document'],
  ['Accept-Encoding', 'gzip, deflate'],
  ['Accept-Language', 'en-US,en;q=0.9'],
];

export type Fields = Readonly<Record<string, string>>;

/** Fields of every request of a case, without Host; `etag` is the one the server gave. */
export function requestFields(subject: Case, etag?: string): Fields {
  return {
    Connection: subject.closes ? 'close' : 'keep-alive',
    ...Object.fromEntries(BROWSER_FIELDS),
    ...(etag === undefined ? {} : { 'If-None-Match': etag }),
  };
}

/** One request as it stands on the wire. */
export function requestText(method: string, path: string, fields: Fields): string {
  const lines = Object.entries({ Host: 'localhost', ...fields }).map(([name, value]) => {
    return `${name}: ${value}\r\n`;
  });
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}
