// browser.test.ts: a real browser reads a real site: pages, links, styles, scripts and the search.
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { DOCS } from '../support/docs.ts';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { packFolder, temporaryFolder } from '../support/site.ts';

const LIMIT_MS = 120_000;

let server: Server;
let browser: Browser;

beforeAll(async () => {
  const archive = join(temporaryFolder(), 'docs.cdb');
  await packFolder(DOCS, archive, ['--follow-symlinks', '--compress', 'fast']);
  server = await startServer(archive);
  browser = await startBrowser();
}, LIMIT_MS);

/** Runs `work` on a new page and gives every complaint of the browser on the way. */
async function visit(work: (page: Page) => Promise<void>): Promise<string[]> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`page: ${error.message}`));
  page.on('requestfailed', (request) => {
    const fault = request.failure()?.errorText ?? '';
    // The browser's own doing: it goes to the next page while it still loads the icon of the last.
    if (fault !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()} ${fault}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
  });
  await work(page);
  await context.close();
  return complaints;
}

test.each(['127.0.0.1', 'localhost'])('the site reads well at %s', async (host) => {
  const base = `http://${host}:${server.port}`;
  const complaints = await visit(async (page) => {
    await page.goto(`${base}/`, { waitUntil: 'networkidle' });
    expect(await page.title()).toContain('Documentation');
    const styled = await page.evaluate('getComputedStyle(document.querySelector("div.related")).width');
    expect(styled).toMatch(/px$/);
    await page.click('a[href="tutorial/index.html"]');
    await page.waitForLoadState('networkidle');
    expect(page.url()).toBe(`${base}/tutorial/index.html`);
    await page.click('.toctree-wrapper a[href="appetite.html"]');
    await page.waitForLoadState('networkidle');
    expect(await page.textContent('h1')).toContain('Whetting Your Appetite');
    await page.goBack({ waitUntil: 'networkidle' });
    await page.reload({ waitUntil: 'networkidle' });
    await page.goto(`${base}/library/asyncio`, { waitUntil: 'networkidle' });
    expect(await page.textContent('h1')).toContain('asyncio');
  });
  expect(complaints).toEqual([]);
}, LIMIT_MS);

test('its search finds what it should', async () => {
  const complaints = await visit(async (page) => {
    const base = `http://localhost:${server.port}`;
    await page.goto(`${base}/search.html?q=asyncio`, { waitUntil: 'networkidle' });
    await page.waitForSelector('ul.search li a', { timeout: 30_000 });
    await page.waitForFunction('document.querySelectorAll("ul.search li a").length > 20');
    await page.click('ul.search li a >> nth=0');
    await page.waitForLoadState('networkidle');
    expect(await page.textContent('body')).toContain('asyncio');
  });
  expect(complaints).toEqual([]);
}, LIMIT_MS);

test('what the browser has already is asked for again and not sent again', async () => {
  const statuses: number[] = [];
  const complaints = await visit(async (page) => {
    const url = `http://localhost:${server.port}/about.html`;
    await page.goto(url, { waitUntil: 'networkidle' });
    // What came over the wire: the page itself is told 200 when its copy is still good.
    const session = await page.context().newCDPSession(page);
    session.on('Network.responseReceivedExtraInfo', (event) => statuses.push(event.statusCode));
    await session.send('Network.enable');
    await page.goto(url, { waitUntil: 'networkidle' });
  });
  expect(complaints).toEqual([]);
  expect(statuses.length).toBeGreaterThan(3);
  expect(statuses.filter((status) => status !== 304)).toEqual([]);
});
