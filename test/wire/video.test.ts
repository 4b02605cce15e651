// video.test.ts: a real browser plays a film from the running server: it seeks by ranges, and gets
// the picture of the second it asked for.
import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { openPage, watch } from '../support/browser.ts';
import type { OnTheWire } from '../support/browser.ts';
import { startServer } from '../support/server.ts';
import { packSite } from '../support/site.ts';
import { frameOf, webm } from '../support/webm.ts';

const SECONDS = 120;
const VOID_BYTES = 50_000;
const LIMIT_MS = 60_000;

/** A grey for each second: 2 n + 10. */
const PAINT = `(seconds) => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [64, 48];
  const context = canvas.getContext('2d');
  return Array.from({ length: seconds }, (_, second) => {
    const grey = 2 * second + 10;
    context.fillStyle = 'rgb(' + [grey, grey, grey] + ')';
    context.fillRect(0, 0, 64, 48);
    return canvas.toDataURL('image/webp', 0.9).split(',')[1];
  });
}`;

/** The second that the picture shows. */
const SHOWN = `(() => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [64, 48];
  const context = canvas.getContext('2d');
  context.drawImage(document.querySelector('video'), 0, 0);
  return (context.getImageData(32, 24, 1, 1).data[0] - 10) / 2;
})()`;

async function makeFilm(page: Page): Promise<Buffer> {
  const pictures = (await page.evaluate(`(${PAINT})(${SECONDS})`)) as string[];
  return webm(
    pictures.map((picture) => frameOf(Buffer.from(picture, 'base64'))),
    VOID_BYTES,
  );
}

/** To the picture of that second. */
async function seek(page: Page, second: number): Promise<void> {
  await page.evaluate(`document.querySelector('video').currentTime = ${second}`);
  await page.waitForFunction(`(() => {
    const { seeking, readyState, currentTime } = document.querySelector('video');
    return !seeking && readyState >= 2 && currentTime === ${second};
  })()`);
  expect(await page.evaluate(SHOWN)).toBeCloseTo(second, 0);
}

/** First positions of all parts of the film that came; a part that the browser has is a 304. */
function partsOf(seen: readonly OnTheWire[], bytes: number): readonly number[] {
  const parts = seen.filter(({ path, status }) => path === '/film.webm' && status !== 304);
  return parts.map(({ status, range }) => {
    const [, first, last, length] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range ?? '') ?? [];
    expect([status, Number(length)]).toEqual([206, bytes]);
    expect(Number(last)).toBeLessThan(bytes);
    return Number(first);
  });
}

/** Does a part start less than ten seconds from there? */
function isAt(second: number): (first: number) => boolean {
  const near = VOID_BYTES * 10;
  return (first) => Math.abs(first - VOID_BYTES * second) < near;
}

test(
  'a browser seeks in a film by ranges and shows that second; a reload is answered with 304',
  async () => {
    const { page, complaints } = await openPage();
    const film = await makeFilm(page);

    const { archive } = await packSite({
      'film.webm': film,
      'style.css': 'video { width: 320px }\n',
      'watch.html':
        '<!doctype html><title>Film</title><link rel="icon" href="data:,">' +
        '<link rel="stylesheet" href="style.css"><p>Film</p>' +
        '<video src="film.webm" preload="metadata"></video>\n',
    });
    const server = await startServer(archive);
    const wire = await watch(page);
    await page.goto(`http://localhost:${server.port}/watch.html`);
    await page.waitForFunction(`document.querySelector("video").duration === ${SECONDS}`);
    wire.forget();
    await seek(page, 110);
    await expect.poll(() => partsOf(wire.seen(), film.length).some(isAt(110))).toBe(true);
    for (const second of [60, 115, 20]) await seek(page, second);
    partsOf(wire.seen(), film.length);
    wire.forget();
    await page.reload();
    await expect
      .poll(() => wire.seen().filter(({ path }) => /html$|css$/.test(path)))
      .toEqual([
        { path: '/watch.html', status: 304, range: undefined },
        { path: '/style.css', status: 304, range: undefined },
      ]);
    await page.waitForFunction(`document.querySelector("video").duration === ${SECONDS}`);
    await seek(page, 100);
    expect(complaints).toEqual([]);
  },
  LIMIT_MS,
);
