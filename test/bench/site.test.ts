// site.test.ts: the site under load is the same in every run.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { LARGE_PATH, lcg, makePage, PAGE_PATH, writeSite } from '../../bench/site.ts';
import { onEnd } from '../support/cleanup.ts';

test('the page is the same twice and has about 3 KB in gzip', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cdbserve-test-'));
  onEnd(() => rmSync(directory, { recursive: true }));
  const site = writeSite(directory);
  expect(site.page).toEqual(makePage());
  expect(site.pageGzip.length).toBeGreaterThanOrEqual(3_072);
  expect(site.pageGzip.length).toBeLessThan(3_300);
  const zipped = readFileSync(join(site.root, `${PAGE_PATH}.gz`));
  expect(gunzipSync(zipped)).toEqual(readFileSync(join(site.source, PAGE_PATH)));
  expect(readFileSync(join(site.root, LARGE_PATH)).length).toBe(1_048_576);
});

test('numbers are drawn anew from the same seed and differ between seeds', () => {
  const draw = (seed: number) => Array.from({ length: 8 }, lcg(seed));
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});
