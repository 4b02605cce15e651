// inspect.test.ts: cdbinspect from arguments to exit code.
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { COMMAND, SUBCOMMANDS, inspect } from '../../archiver/inspect.ts';
import { version } from '../../src/paths.ts';

async function run(...argv: string[]): Promise<string> {
  const out = new PassThrough();
  const err = { write: (text: string) => expect(text).toBe('') };
  expect(await inspect(argv, { out, err, env: {} })).toBe(0);
  out.end();
  return Buffer.concat((await out.toArray()) as Buffer[]).toString();
}

test('help has every subcommand and option; version is the package’s', async () => {
  const text = await run('--help');
  for (const { name } of SUBCOMMANDS) expect(text).toMatch(`cdbinspect ${name} ARCHIVE`);
  for (const { help } of SUBCOMMANDS) expect(text).toContain(help);
  for (const { flag } of COMMAND.options) expect(text).toContain(flag);
  expect(await run('--version')).toBe(`cdbinspect ${version}\n`);
});

test.each(SUBCOMMANDS)('help of $name has its options and examples alone', async (subcommand) => {
  const text = await run(subcommand.name, '--help');
  expect(text).toContain(
    `usage: cdbinspect ${subcommand.name} ARCHIVE ${subcommand.operand}`.trim(),
  );
  for (const { flag } of COMMAND.options) {
    const own = subcommand.options.some((option) => option.flag === flag);
    expect(text.includes(`  ${flag}`), flag).toBe(own);
  }
  for (const example of subcommand.examples) {
    expect(text).toContain(example);
    expect(example).toMatch(`cdbinspect ${subcommand.name} `);
  }
});

test('an option is listed once', () => {
  const flags = COMMAND.options.map(({ flag }) => flag);
  expect(flags.sort()).toEqual([...new Set(flags)].sort());
});

test.each([
  [[], /Which subcommand\? There are list, show, cat, extract, verify, diff, stats\./],
  [['lost', 'a.cdb'], /there is no subcommand lost; there are list/],
  [
    ['list'],
    /an argument is missing: cdbinspect list ARCHIVE \[PATTERN\] \[--json\] \[--host NAME\]\./,
  ],
  [['cat', 'a.cdb'], /an argument is missing: cdbinspect cat ARCHIVE PATH \[--coding NAME\] \[--/],
  [['extract', 'a.cdb'], /an argument is missing: cdbinspect extract ARCHIVE DIR \[--into\]/],
  [['extract', 'a.cdb', 'b', 'c'], /too many arguments: cdbinspect extract/],
  [['diff', 'a.cdb'], /an argument is missing: cdbinspect diff ARCHIVE OTHER/],
  [['stats', 'a.cdb', '/x'], /too many arguments: cdbinspect stats ARCHIVE \[--json\]/],
  [['list', 'a.cdb', '--as', '304'], /cdbinspect list has no option --as/],
  [['verify', 'a.cdb', '--host', 'a'], /cdbinspect verify has no option --host/],
  [['list', 'a.cdb', '/x', '/y'], /too many arguments: cdbinspect list/],
  [['show', 'a.cdb', '/x', '/y'], /too many arguments: cdbinspect show/],
  [['list', 'a.cdb', '--coding', 'br'], /cdbinspect list has no option --coding/],
  [['list', 'a.cdb', '--jsn'], /Did you mean --json\?/],
])('%j is an error of use', async (argv, text) => {
  await expect(run(...argv)).rejects.toThrow(text);
  await expect(run(...argv)).rejects.toMatchObject({ exitCode: 2 });
});
