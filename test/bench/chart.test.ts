// chart.test.ts: the picture of a run.
import { expect, test } from 'vitest';
import { chart } from '../../bench/chart.ts';
import { failedRow, row } from './rows.ts';

test('bars are drawn against the longest of their case', () => {
  const svg = chart('A < B', [row('cdbserve', 500), row('nginx', 1_000), failedRow('x', 'gone')]);
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 860 \d+"/);
  expect(svg).toContain('<title>A &lt; B</title>');
  const widths = [...svg.matchAll(/width="(\d+)" height="18"/g)].map((match) => Number(match[1]));
  expect(widths).toEqual([280, 560]);
});

test('every element that is opened is closed', () => {
  const svg = chart('t', [row('cdbserve', 500), row('nginx', 1_000, 0.99)]);
  expect(svg.match(/<text /g)!.length).toBe(svg.match(/<\/text>/g)!.length);
  expect(svg).toContain('1,000, loader-bound');
  expect(svg.endsWith('</svg>\n')).toBe(true);
});
