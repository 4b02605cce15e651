// head.ts: words that header blocks are made of and checked against.

/** Run 1 of a header block by status. RFC 9112 section 4. */
export const STATUS_LINES: Readonly<Record<number, string>> = {
  200: 'HTTP/1.1 200 OK\r\n',
  301: 'HTTP/1.1 301 Moved Permanently\r\n',
  302: 'HTTP/1.1 302 Found\r\n',
  303: 'HTTP/1.1 303 See Other\r\n',
  307: 'HTTP/1.1 307 Temporary Redirect\r\n',
  308: 'HTTP/1.1 308 Permanent Redirect\r\n',
  404: 'HTTP/1.1 404 Not Found\r\n',
};

/** Asked for again for each coding of a file, and files mostly come with one time. */
let last = { seconds: 0, text: new Date(0).toUTCString() };

/** An HTTP-date of RFC 9110 section 5.6.7 from seconds since 1970. */
export function imfDate(seconds: number): string {
  if (seconds !== last.seconds) {
    last = { seconds, text: new Date(seconds * 1000).toUTCString() };
  }
  return last.text;
}
