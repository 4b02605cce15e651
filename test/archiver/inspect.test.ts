// inspect.test.ts: cdbinspect from arguments to exit code.
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { COMMAND, SUBCOMMANDS, inspect } from '../../archiver/inspect.ts';
import { version } from '../../src/paths.ts';

async function run(...argv: string[]): Promise<string> {
  const out = new PassThrough();
  expect(await inspect(argv, out)).toBe(0);
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

test('an option is listed once', () => {
  const flags = COMMAND.options.map(({ flag }) => flag);
  expect(flags.sort()).toEqual([...new Set(flags)].sort());
});

test.each([
  [[], /Which subcommand\? There are list, show, cat, verify, stats\./],
  [['lost', 'a.cdb'], /there is no subcommand lost; there are list/],
  [['list'], /an argument is missing: cdbinspect list ARCHIVE \[--json\] \[--host NAME\]\./],
  [['cat', 'a.cdb'], /an argument is missing: cdbinspect cat ARCHIVE PATH \[--coding NAME\] \[--/],
  [['verify', 'a.cdb', '--host', 'a'], /cdbinspect verify has no option --host/],
  [['list', 'a.cdb', '/x'], /too many arguments: cdbinspect list/],
  [['show', 'a.cdb', '/x', '/y'], /too many arguments: cdbinspect show/],
  [['list', 'a.cdb', '--coding', 'br'], /cdbinspect list has no option --coding/],
  [['list', 'a.cdb', '--jsn'], /Did you mean --json\?/],
])('%j is an error of use', async (argv, text) => {
  await expect(run(...argv)).rejects.toThrow(text);
  await expect(run(...argv)).rejects.toMatchObject({ exitCode: 2 });
});
