// cdbserve.test.ts: the command line of the server, run as a user runs it.
import { expect, test } from 'vitest';
import { usage } from '../src/cli.ts';
import { COMMAND } from '../src/config.ts';
import { EXIT } from '../src/errors.ts';
import { version } from '../src/paths.ts';
import { SITE_OPTIONS } from '../src/site_options.ts';
import { program } from './support/server.ts';
import { runCommand } from './support/site.ts';
import type { Ended } from './support/site.ts';
import { isRoot } from './support/starts.ts';

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
  [[], EXIT.usage, 'cdbserve: no archive and no folder named. Try cdbserve --help.\n'],
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

/** For each option that takes a value: a bad one, and what the message says is allowed. */
const BAD: Readonly<Record<string, readonly [value: string, allowed: string]>> = {
  '--listen': ['localhost:80', 'an address is :8080, 127.0.0.1:8080, [::1]:8080, unix:/PATH'],
  '--workers': ['0', 'it must be a number from 1 to 64.'],
  '--max-connections': ['many', 'it must be a number from 1 to 65535.'],
  '--max-connections-per-address': ['0', 'it must be a number from 1 to 65535.'],
  '--trusted-proxy': ['10.0.0.1/8', 'there are bits set behind the 8 that count: 10.0.0.0/8'],
  '--max-request-line-bytes': ['8193', 'it must be a number from 64 to 8192.'],
  '--max-header-bytes': ['16k', 'it must be a number from 64 to 24000.'],
  '--max-header-fields': ['0', 'it must be a number from 1 to 1000.'],
  '--min-send-rate': ['65537', 'it must be a number from 0 to 65536.'],
  '--linger-timeout': ['9', 'it must be a number from 10 to 3600000.'],
  '--header-timeout': ['9', 'it must be a number from 10 to 3600000.'],
  '--idle-timeout': ['1h', 'it must be a number from 10 to 3600000.'],
  '--write-timeout': ['', 'it must be a number from 10 to 3600000.'],
  '--drain-wait': ['-1', 'it must be a number from 0 to 3600000.'],
  '--drain-timeout': ['3600001', 'it must be a number from 10 to 3600000.'],
  '--admin': ['0.0.0.0:9101', 'so it is 127.0.0.1:9101, [::1]:9101 or unix:/PATH[,mode=660]'],
  '--access-log': ['', 'needs a file, - or off.'],
  '--log-format': ['xml', 'it must be one of combined, json.'],
  '--log-addresses': ['some', 'it must be one of cut, full, none.'],
  '--health-path': ['healthz', 'it must be a path such as /healthz'],
  '--user': [
    'nobody-of-that-name',
    isRoot ? 'Name one that is, or its number.' : 'only root can become somebody else.',
  ],
  '--sandbox': ['on', 'it must be one of auto, require, off.'],
  '--lockdown': ['none', 'it must be one of standard, jitless.'],
  '--host': ['a.example', 'it is NAME=DIR, such as a.example=public.'],
  '--html-urls': ['pretty', 'it can be both, clean, exact.'],
  '--security-headers': ['on', 'it can be default, off.'],
  '--hsts': ['-1', 'it is a number of seconds'],
  '--last-modified': ['now', 'it can be mtime, none.'],
  '--exclude': ['', 'it is a pattern, such as *.psd.'],
};
const ofFolder = SITE_OPTIONS.map(({ flag }) => flag);

const valued = COMMAND.options.filter(({ value }) => value);
const switches = COMMAND.options.filter(({ value }) => value === undefined);

test('every option with a value has a bad one here', () => {
  expect(Object.keys(BAD).sort()).toEqual(valued.map(({ flag }) => flag).sort());
});

test.each(valued)('a bad $flag is named with its value, and what is allowed', async ({ flag }) => {
  const [value, allowed] = BAD[flag]!;
  const subject = ofFolder.includes(flag) ? '.' : 'a.cdb';
  const ended = await run(subject, `${flag}=${value}`);
  expect(ended.stderr).toMatch(/^cdbserve: [^\n]+\n$/);
  expect(ended.stderr).toContain(flag);
  expect(ended.stderr).toContain(value);
  expect(ended.stderr).toContain(allowed);
  expect(ended.stderr).not.toMatch(/ Try (?!cdbserve )/);
  expect([ended.code, ended.stdout]).toEqual([EXIT.usage, '']);
});

test.each(switches)('$flag with a value is named, and takes none', async ({ flag }) => {
  const ended = await run('a.cdb', `${flag}=1`);
  expect(ended.stderr).toContain(`cdbserve: ${flag} is a switch and takes no value.`);
  expect([ended.code, ended.stdout]).toEqual([EXIT.usage, '']);
});
