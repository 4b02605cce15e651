// cdbserve.test.ts: the command line of the server, run as a user runs it.
import { expect, test } from 'vitest';
import { usage } from '../src/cli.ts';
import { COMMAND } from '../src/config.ts';
import { EXIT } from '../src/errors.ts';
import { version } from '../src/paths.ts';
import { program } from './support/server.ts';
import { runCommand } from './support/site.ts';
import type { Ended } from './support/site.ts';

const run = (...argv: readonly string[]): Promise<Ended> =>
  runCommand(process.execPath, [program, ...argv]);

test('--help', async () => {
  expect(await run('--help')).toEqual({ code: EXIT.ok, stdout: usage(COMMAND), stderr: '' });
});

test('--version', async () => {
  const stdout = `cdbserve ${version}\n`;
  expect(await run('x', '--version')).toEqual({ code: EXIT.ok, stdout, stderr: '' });
});

test.each([
  [[], EXIT.usage, 'cdbserve: no archive named. Try cdbserve --help.\n'],
  [
    ['a.cdb', '--wrokers', '2'],
    EXIT.usage,
    'there is no option --wrokers. Did you mean --workers?',
  ],
  [
    ['missing.cdb'],
    EXIT.failure,
    'cdbserve: cannot open missing.cdb: ENOENT. There is no such file.',
  ],
])('%j ends with %d', async (argv, code, text) => {
  const ended = await run(...argv);
  expect(ended.code).toBe(code);
  expect(ended.stdout).toBe('');
  expect(ended.stderr).toContain(text);
});
