// guide.test.ts: the project's own pages in a real browser: on a desk and on a phone, by day and by
// night.
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { sitePages } from '../../scripts/pages.mjs';
import { manualPages, readTables } from '../../scripts/manual.mjs';
import { packageRoot } from '../../src/paths.ts';
import { startBrowser } from '../support/browser.ts';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';

const LIMIT_MS = 120_000;
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

let server: Server;
let browser: Browser;
let paths: string[];

beforeAll(async () => {
  server = await startServer(join(packageRoot, 'dist', 'site.cdb'));
  browser = await startBrowser();
  const made = sitePages(manualPages(await readTables()), '') as { name: string }[];
  paths = ['/', '/no/such/page', ...made.map(({ name }) => `/docs/${name}`)];
}, LIMIT_MS);

/** Of text over what is behind it: WCAG 2.2 asks for 4.5. */
const CONTRAST = `(() => {
  const part = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const light = (color) => {
    const [r, g, b] = color.match(/[0-9.]+/g).slice(0, 3).map((each) => part(each / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const { color } = getComputedStyle(document.querySelector('main'));
  const { backgroundColor } = getComputedStyle(document.body);
  const [dark, bright] = [light(color), light(backgroundColor)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
})()`;

test.each([
  ['desk', 'light', DESK],
  ['desk', 'dark', DESK],
  ['phone', 'light', PHONE],
  ['phone', 'dark', PHONE],
] as const)('%s, %s', async (_where, colorScheme, viewport) => {
  const page = await browser.newPage({ viewport, colorScheme });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  const missing = /status of 404/;
  for (const path of paths) {
    await page.goto(`http://127.0.0.1:${server.port}${path}`);
    const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect([path, over]).toEqual([path, 0]);
    expect(await page.evaluate(CONTRAST)).toBeGreaterThan(4.5);
  }
  expect(complaints.filter((text) => !missing.test(text))).toEqual([]);
  await page.close();
}, LIMIT_MS);

test('a reader gets from the first page to every other by links alone', async () => {
  const page = await browser.newPage({ javaScriptEnabled: false });
  const base = `http://127.0.0.1:${server.port}`;
  await page.goto(`${base}/`);
  await page.click('.site-nav a >> text=Documentation');
  const links = await page.locator('.docs-nav a').evaluateAll<string[], { pathname: string }>(
    (anchors: readonly { pathname: string }[]) => anchors.map((anchor) => anchor.pathname),
  );
  const pages = paths.filter((path) => path.startsWith('/docs/') && !path.endsWith('/index.html'));
  expect(links.sort()).toEqual(['/docs/', ...pages].sort());
  await page.close();
});

test('what would run a script or come from elsewhere is refused by the pages themselves', async () => {
  const { headers } = await fetch(`http://127.0.0.1:${server.port}/docs/`);
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self';/);
});
