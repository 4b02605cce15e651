// options.test.ts: what a preview is told, and what it refuses.
import { expect, test } from 'vitest';
import { parseArguments } from '../../src/cli.ts';
import { COMMAND } from '../../src/config.ts';
import { EXIT, Failure } from '../../src/errors.ts';
import { readPreview } from '../../src/preview/options.ts';
import type { PreviewConfig } from '../../src/preview/options.ts';

const HERE = { host: '127.0.0.1', port: 8_080 };

function read(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  isRoot = false,
): PreviewConfig {
  const given = parseArguments(COMMAND, ['site', ...argv]);
  return readPreview(given, { isRoot, pid: 1, environment });
}

function refusal(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  try {
    read(argv, environment);
  } catch (error) {
    if (error instanceof Failure && error.exitCode === EXIT.usage) return error.message;
  }
  return 'not refused';
}

test('loopback, one worker, and nobody else who reads', () => {
  expect(read([])).toEqual({
    site: 'site',
    addresses: [HERE],
    packing: [],
    serving: ['--workers=1', '--drain-wait=0'],
    writeTimeoutMs: 30_000,
    group: undefined,
    quiet: false,
    verbose: false,
  });
  expect(
    read([], { PORT: '3000', HOST: '0.0.0.0', LISTEN_FDS: '1', LISTEN_PID: '1' }),
  ).toMatchObject({
    addresses: [{ host: '127.0.0.1', port: 3_000 }],
  });
  expect(read([], {}, true)).toMatchObject({ addresses: [HERE], group: expect.any(Number) });
  expect(read(['--user', '7:7'], {}, true).group).toBe(7);
});

test('each option goes where it belongs', () => {
  const flags = ['--exclude=*.psd', '--exclude', 'b', '--include-hidden', '--html-urls', 'exact'];
  const others = ['--workers=2', '--sandbox', 'off', '--quiet', '--verbose', '--write-timeout=20'];
  expect(read([...flags, ...others])).toMatchObject({
    packing: ['--html-urls=exact', '--exclude=*.psd', '--exclude=b', '--include-hidden'],
    serving: ['--drain-wait=0', '--workers=2', '--write-timeout=20', '--sandbox=off'],
    writeTimeoutMs: 20,
    quiet: true,
    verbose: true,
  });
});

test.each(['127.0.0.1:1', '127.9.9.9:1', '[::1]:1', '[0:0::0:1]:1'])('--listen %s', (text) => {
  expect(read(['--listen', text, '--listen', '127.0.0.1:9']).addresses).toHaveLength(2);
});

test.each([':8080', '0.0.0.0:80', '192.0.2.1:80', '[::]:1', '[::1%lo]:1', 'unix:/x', 'fd:3'])(
  '--listen %s is beyond loopback',
  (text) => {
    const message = refusal(['--listen', text]);
    expect(message).toContain('a preview listens on loopback alone: it has no walls');
    expect(message).toContain('Name --listen 127.0.0.1:8080 or [::1]:8080; to publish');
  },
);

test('what else is refused', () => {
  expect(refusal(['other'])).toContain('one folder is served, not also other.');
  expect(refusal(['--check'])).toContain('--check goes with an archive: site is a folder.');
  expect(refusal(['--json'])).toContain('--json goes with an archive');
  expect(refusal(['--watch'])).toContain('--watch goes with an archive');
  expect(refusal(['--access-log', 'x'])).toContain('--access-log goes with an archive');
  expect(refusal(['--workers', '0'])).toContain('--workers is 0; it must be');
  expect(refusal(['--listen', 'x'])).toContain('--listen x: an address is');
  expect(refusal([], { PORT: 'x' })).toContain('127.0.0.1:x: an address is');
});
