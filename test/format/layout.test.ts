// layout.test.ts: docs/archive-format.md says what layout.ts and a packed site say.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findEntry } from '../../archiver/reader.ts';
import { entriesOf, opened } from '../support/entries.ts';
import * as layout from '../../src/format/layout.ts';
import { cdbFind, cdbRecords } from '../../src/format/cdb.ts';
import { packageRoot } from '../../src/paths.ts';
import { packer, runCommand, temporaryFolder } from '../support/site.ts';

const page = readFileSync(join(packageRoot, 'docs', 'archive-format.md'), 'utf8');

function block(kind: string): string {
  const found = new RegExp(`\n\`\`\`${kind}\n([^]*?)\`\`\`\n`).exec(page)?.[1];
  if (found === undefined) throw new Error(`no block ${kind}`);
  return found;
}

/** As `hexdump -C` prints it. */
function hexdump(bytes: Buffer, at: number, length: number): string {
  const rows: string[] = [];
  for (let row = at; row < at + length; row += 16) {
    const part = bytes.subarray(row, Math.min(row + 16, at + length));
    const hex = [...part].map((byte) => byte.toString(16).padStart(2, '0'));
    const halves = [hex.slice(0, 8).join(' '), hex.slice(8).join(' ')].join('  ').padEnd(48);
    const text = part.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
    rows.push(`${row.toString(16).padStart(8, '0')}  ${halves}  |${text}|\n`);
  }
  return rows.join('');
}

test('every number of the layout stands in the page, and no other', () => {
  const rows = [...page.matchAll(/^\| `([A-Z][A-Z_0-9]+)` \| (\S+) \|/gm)];
  const told = new Map(rows.map(([, name, number]) => [name!, Number(number)]));
  const numbers = Object.entries(layout).filter(([, value]) => typeof value === 'number');
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(numbers));
  expect(rows.length).toBe(told.size);
});

test('the fields of routes and rules follow each other without a gap or an overlap', () => {
  const fields = [
    ...page.matchAll(/^\| `((?:ROUTE|VARIANT|RULE|PIECE)_[A-Z_]+)` \| (\d+) \| u(8|16|32) \|/gm),
  ];
  for (const [prefix, end, gaps] of [
    ['ROUTE', layout.ROUTE_HEAD_BYTES, [9, 10, 11]],
    ['VARIANT', layout.VARIANT_BYTES, [1]],
    ['RULE', layout.RULE_HEAD_BYTES, [10, 11]],
    ['PIECE', layout.PIECE_HEAD_BYTES, []],
  ] as const) {
    const taken = fields
      .filter(([, name]) => name!.startsWith(`${prefix}_`))
      .flatMap(([, , at, bits]) =>
        Array.from({ length: Number(bits) / 8 }, (_, i) => Number(at) + i),
      );
    expect([...taken, ...gaps].sort((a, b) => a - b)).toEqual(
      Array.from({ length: end }, (_, i) => i),
    );
  }
});

test('the site of the page packs to the dump of the page', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'bin'));
  const cdbpack = `cdbpack() { "${process.execPath}" "${packer}" --no-cache "$@"; }`;
  const script = `${cdbpack}\nset -eu\n${block('sh')}`;
  const ended = await runCommand('bash', ['-c', script], { cwd: folder });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const archive = opened(join(folder, 'three.cdb'));
  const bytes = readFileSync(join(folder, 'three.cdb'));
  const { variants } = findEntry(archive, '/').route;
  const { headAt, bodyAt, bodyBytes } = variants[0]!;
  const heads = [...cdbRecords(bytes)].find(({ valueAt }) => valueAt === headAt)!;
  const route = cdbFind(bytes, Buffer.from('/'))!;
  const dumps = {
    header: hexdump(bytes, 0, 32),
    manifest: hexdump(bytes, 2048, 26),
    body: hexdump(bytes, bodyAt - 41, 41 + bodyBytes),
    head: hexdump(bytes, headAt - 41, 41 + heads.value.length),
    route: hexdump(bytes, route.valueAt - 9, 9 + route.value.length),
  };
  for (const [name, dump] of Object.entries(dumps)) expect(block(`text ${name}`), name).toBe(dump);
  expect(
    entriesOf(archive)
      .map(({ key }) => key)
      .join('\n'),
  ).toBe(block('text keys').trimEnd());
});
