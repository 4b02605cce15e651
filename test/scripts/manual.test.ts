// manual.test.ts: the man pages as they are built: nothing is missing, and other tools read them.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { COMMAND as PACK } from '../../archiver/options.ts';
import { COMMAND as INSPECT, SUBCOMMANDS } from '../../archiver/inspect.ts';
import { manualPages, readTables } from '../../scripts/manual.mjs';
import { COMMAND as SERVE } from '../../src/config.ts';
import { EXIT } from '../../src/errors.ts';
import { packageRoot } from '../../src/paths.ts';

const PAGES = [
  ['cdbpack.1', PACK],
  ['cdbserve.8', SERVE],
  ['cdbinspect.1', INSPECT],
] as const;

const shown = new Map<string, string>();

beforeAll(() => {
  for (const [name] of PAGES) {
    const env = { ...process.env, MANWIDTH: '500', LC_ALL: 'C.UTF-8', MAN_KEEP_FORMATTING: '' };
    const { stdout } = spawnSync('man', ['-l', pathOf(name)], { encoding: 'utf8', env });
    shown.set(name, stdout);
  }
});

test.each(PAGES)('%s has every option with its help, and every exit code', (name, command) => {
  const text = shown.get(name)!;
  for (const { flag, value, help, detail, fallback } of command.options) {
    expect(text).toContain(value ? `${flag} ${value}` : flag);
    expect(text.toLowerCase()).toContain(help.toLowerCase());
    if (detail) expect(text).toContain(detail);
    if (fallback) expect(text).toContain(`default: ${fallback}`);
  }
  for (const form of command.examples) expect(text).toContain(form);
  for (const code of Object.values(EXIT)) expect(text).toMatch(new RegExp(`^ +${code} +\\S`, 'm'));
  expect(text).not.toMatch(/\{\{|\\f|undefined/);
});

test('every subcommand of cdbinspect is told', () => {
  for (const { name, help } of SUBCOMMANDS) {
    expect(shown.get('cdbinspect.1')).toMatch(new RegExp(`^ +${name} ARCHIVE`, 'm'));
    expect(shown.get('cdbinspect.1')).toContain(help);
  }
});

test.each(PAGES)('mandoc and groff find no fault in %s, and whatis knows it', (name, command) => {
  const lint = spawnSync('mandoc', ['-Tlint', '-Wwarning', pathOf(name)], { encoding: 'utf8' });
  expect(lint.stdout + lint.stderr).toBe('');
  expect(lint.status).toBe(0);
  const env = { ...process.env, LC_ALL: 'C.UTF-8', MANROFFSEQ: '', MANWIDTH: '80' };
  const args = ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', pathOf(name)];
  expect(spawnSync('man', args, { encoding: 'utf8', env }).stderr).toBe('');
  const whatis = spawnSync('lexgrog', [pathOf(name)], { encoding: 'utf8' });
  expect(whatis.stdout).toContain(`${command.program} - ${command.summary}`);
});

test('what is in the package is what the sources say', async () => {
  const { roffOf } = await import('../../scripts/roff.mjs');
  const manifest = readFileSync(join(packageRoot, 'package.json'), 'utf8');
  const { version, man } = JSON.parse(manifest) as { version: string; man: string[] };
  const pages: Page[] = manualPages(await readTables());
  expect(man).toEqual(pages.map(({ name, section }) => `dist/man/${name}.${section}`));
  for (const page of pages) {
    const built = readFileSync(pathOf(`${page.name}.${page.section}`), 'utf8');
    expect(built).toBe(roffOf(page, version));
  }
});

interface Page {
  readonly name: string;
  readonly section: number;
  readonly date: string;
  readonly markdown: string;
}

function pathOf(name: string): string {
  return join(packageRoot, 'dist', 'man', name);
}
