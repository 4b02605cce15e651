// browser.ts: Debian's Chromium, and what it says of itself and of the wire.
import { chromium } from 'playwright-core';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { onEnd } from './cleanup.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface OnTheWire {
  readonly path: string;
  readonly status: number;
  /** Value of Content-Range. */
  readonly range: string | undefined;
}

/** Ends after the file's last test. */
export async function startBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
  onEnd(() => browser.close());
  return browser;
}

/** A page, and what its console and its scripts complain of. */
export async function openPage(): Promise<{ page: Page; complaints: string[] }> {
  const browser = await startBrowser();
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return { page, complaints };
}

/** What came over the wire since the last forget(), which the page itself is not told. */
export async function watch(page: Page): Promise<{ seen(): OnTheWire[]; forget(): void }> {
  const session: CDPSession = await page.context().newCDPSession(page);
  const paths = new Map<string, string>();
  const replies: { id: string; status: number; range: string | undefined }[] = [];
  session.on('Network.requestWillBeSent', ({ requestId, request: asked }) => {
    paths.set(requestId, new URL(asked.url).pathname);
  });
  session.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode, headers }) => {
    const field = Object.keys(headers).find((name) => name.toLowerCase() === 'content-range');
    const range = field === undefined ? undefined : headers[field];
    replies.push({ id: requestId, status: statusCode, range });
  });
  await session.send('Network.enable');
  return {
    // The two events of a request come from two processes of the browser, in any order.
    seen: () =>
      replies.map(({ id, status, range }) => ({ path: paths.get(id) ?? '', status, range })),
    forget: () => void (replies.length = 0),
  };
}
