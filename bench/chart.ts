// chart.ts: the run as an SVG picture: cost of a request, one group of bars for each case.
import type { Row } from './measure.ts';
import { grouped } from './table.ts';

const WIDTH = 860;
const LABEL_WIDTH = 120;
const BAR_WIDTH_MAX = 560;
const BAR_HEIGHT = 18;
const GROUP_GAP = 34;
const TOP = 56;
const COLORS: Readonly<Record<string, string>> = { cdbserve: '#0b6e4f', floor: '#b8b8b8' };
const OTHER_COLOR = '#5b7db1';

/** Bars of a group are drawn against its longest. Rows without a figure are left out. */
export function chart(title: string, rows: readonly Row[]): string {
  const groups = new Map<string, Row[]>();
  for (const row of rows.filter((candidate) => candidate.summary)) {
    const name = `${row.case} (${row.loader})`;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  const parts: string[] = [];
  let y = TOP;
  for (const [name, group] of groups) {
    parts.push(`<text x="16" y="${y}" font-weight="bold">${escapeText(name)}</text>`);
    const longest = Math.max(...group.map((row) => row.summary!.perRequestMin));
    for (const [at, row] of group.entries()) {
      parts.push(bar(row, longest, y + 10 + at * (BAR_HEIGHT + 4)));
    }
    y += 10 + group.length * (BAR_HEIGHT + 4) + GROUP_GAP;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" role="img" ` +
      'font-family="sans-serif" font-size="13">',
    `<title>${escapeText(title)}</title>`,
    `<rect width="${WIDTH}" height="${y}" fill="#fff"/>`,
    `<text x="16" y="28" font-size="15">${escapeText(title)}</text>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function bar(row: Row, longest: number, y: number): string {
  const summary = row.summary!;
  const width = Math.max(1, Math.round((summary.perRequestMin / longest) * BAR_WIDTH_MAX));
  const color = COLORS[row.peer] ?? OTHER_COLOR;
  const mark = summary.loaderBound ? ', loader-bound' : '';
  const value = `${grouped(summary.perRequestMin)}${mark}`;
  return [
    `<text x="${LABEL_WIDTH}" y="${y + 13}" text-anchor="end">${escapeText(row.peer)}</text>`,
    `<rect x="${LABEL_WIDTH + 8}" y="${y}" width="${width}" height="${BAR_HEIGHT}" ` +
      `fill="${color}"/>`,
    `<text x="${LABEL_WIDTH + 14 + width}" y="${y + 13}">${value}</text>`,
  ].join('\n');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
