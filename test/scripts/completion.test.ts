// completion.test.ts: what a real bash offers at the tab key.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { COMMAND as PACK } from '../../archiver/options.ts';
import { SUBCOMMANDS } from '../../archiver/inspect.ts';
import { completions } from '../../scripts/completion.mjs';
import { COMMAND as SERVE } from '../../src/config.ts';
import { packageRoot } from '../../src/paths.ts';
import { temporaryFolder } from '../support/site.ts';

let folder = '';

beforeAll(() => {
  folder = temporaryFolder();
  for (const name of ['public', 'my site']) mkdirSync(join(folder, name));
  for (const name of ['site.cdb', 'a b.cdb', 'notes.txt']) writeFileSync(join(folder, name), '');
});

/** What the command's function makes of these words; the last one is being typed. */
function offered(...words: readonly string[]): string[] {
  const script = [
    `source ${JSON.stringify(join(packageRoot, 'dist', 'completions', words[0]!))}`,
    'COMP_WORDS=("$@")',
    'COMP_CWORD=$(($# - 1))',
    '[[ $(complete -p "$1") == *" -F "* ]] || exit 9',
    '"_$1"',
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ].join('\n');
  const args = ['--norc', '-c', script, 'bash', ...words];
  const run = spawnSync('bash', args, { cwd: folder, encoding: 'utf8' });
  expect([run.status, run.stderr]).toEqual([0, '']);
  return run.stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

test('every option', () => {
  const flags = (command: typeof PACK): string[] =>
    [...command.options.map(({ flag }) => flag), '--help', '--version'].sort();
  expect(offered('cdbpack', '--')).toEqual(flags(PACK));
  expect(offered('cdbserve', 'site.cdb', '-')).toEqual(flags(SERVE));
  expect(offered('cdbserve', '--sand')).toEqual(['--sandbox']);
});

test('values that there are a few of', () => {
  expect(offered('cdbserve', '--sandbox', '')).toEqual(['auto', 'off', 'require']);
  expect(offered('cdbserve', '--lockdown', '=', 'j')).toEqual(['jitless']);
  expect(offered('cdbserve', '--lockdown', '=')).toEqual(['jitless', 'standard']);
  expect(offered('cdbpack', 'public', '--compress', 'ma')).toEqual(['max']);
  expect(offered('cdbinspect', 'show', 'site.cdb', '/', '--as', '')).toEqual(['206', '304']);
});

test('folders for a folder, users for a user, nothing for a number', () => {
  expect(offered('cdbpack', 'public', '--cache', '')).toEqual(['my site', 'public']);
  expect(offered('cdbserve', 'site.cdb', '--user', 'nob')).toEqual(['nobody']);
  expect(offered('cdbserve', 'site.cdb', '--workers', '')).toEqual([]);
});

test('archives and folders for everything else', () => {
  const both = ['a b.cdb', 'my site', 'public', 'site.cdb'];
  expect(offered('cdbserve', '')).toEqual(both);
  expect(offered('cdbpack', 'public', 's')).toEqual(['site.cdb']);
  expect(offered('cdbinspect', 'list', '')).toEqual(both);
});

test('the subcommands of cdbinspect, and the options that each has', () => {
  const names = SUBCOMMANDS.map(({ name }) => name);
  expect(offered('cdbinspect', '')).toEqual([...names, '--help', '--version'].sort());
  for (const { name, options } of SUBCOMMANDS) {
    const flags = [...options.map(({ flag }) => flag), '--help', '--version'];
    expect(offered('cdbinspect', name, 'site.cdb', '-')).toEqual(flags.sort());
  }
});

test('a kind of value that nobody has thought of is refused when building', () => {
  const options = [{ flag: '--new', value: 'THING', help: 'x' }];
  const command = { program: 'cdbserve', summary: '', synopsis: [], options, examples: [] };
  const tables = { commands: [command], subcommands: [], common: [] };
  expect(() => completions(tables)).toThrow('completion of --new: no word on THING');
});
