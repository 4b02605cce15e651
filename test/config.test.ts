// config.test.ts: from a command line and an environment to one frozen value.
import { expect, test } from 'vitest';
import { usage } from '../src/cli.ts';
import { COMMAND, readConfig } from '../src/config.ts';
import type { Config } from '../src/config.ts';
import { Failure } from '../src/errors.ts';
import * as limits from '../src/limits.ts';
import { defaultArchive } from '../src/paths.ts';

type Environment = Readonly<Record<string, string>>;

const read = (argv: readonly string[], environment: Environment = {}, isRoot = false): Config =>
  readConfig(['site.cdb', ...argv], { isRoot, pid: 1, environment });

function refusal(argv: readonly string[], environment: Environment = {}): string {
  try {
    read(argv, environment);
  } catch (error) {
    if (error instanceof Failure) return error.message;
  }
  return 'not refused';
}

test('what nothing is said of has the values of limits.ts', () => {
  const config = read([]);
  expect(config).toMatchObject({
    archivePath: 'site.cdb',
    addresses: [{ host: '', port: 8_080 }],
    connectionsMax: undefined,
    connectionsPerAddress: 0,
    trusted: [],
    headerTimeoutMs: limits.HEADER_TIMEOUT_MS,
    idleTimeoutMs: limits.IDLE_TIMEOUT_MS,
    requestLineBytesMax: limits.REQUEST_LINE_BYTES_MAX,
    headerBytesMax: limits.HEADER_SECTION_BYTES_MAX,
    headerFieldsMax: limits.HEADER_FIELDS_MAX,
    writeTimeoutMs: limits.WRITE_TIMEOUT_MS,
    sendRateMin: limits.SEND_RATE_MIN,
    lingerTimeoutMs: limits.LINGER_TOTAL_MS,
    drainWaitMs: limits.DRAIN_WAIT_MS,
    drainTimeoutMs: limits.DRAIN_TIMEOUT_MS,
    admin: undefined,
    accessLog: undefined,
    logFormat: 'combined',
    logAddresses: 'cut',
    healthPath: '',
    user: undefined,
    sandbox: 'auto',
    lockdown: 'standard',
    quiet: false,
    verbose: false,
    heapReport: false,
    check: false,
    json: false,
    checked: false,
    tied: false,
  });
  expect(config.workers).toBeGreaterThanOrEqual(1);
  expect(config.workers).toBeLessThanOrEqual(limits.WORKERS_MAX);
  expect(Object.isFrozen(config)).toBe(true);
});

test('a service manager is told, but not by a service that is only checked', () => {
  const environment = { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '20000000' };
  expect(read([], environment).manager).toEqual({ address: '/run/notify', watchdogMs: 20_000 });
  expect(read(['--check'], environment).manager.address).toBeUndefined();
});

test('only root can name who serves', () => {
  expect(read(['--user', 'www-data:adm'], {}, true).user).toBe('www-data:adm');
  expect(refusal(['--user', 'www-data'])).toContain('--user www-data: only root');
});

test('every option is read', () => {
  const argv = [
    ['--workers', '64', '--max-connections', '65535', '--header-timeout', '10', '--quiet'],
    ['--idle-timeout', '3600000', '--write-timeout', '11', '--drain-timeout=12', '--verbose'],
    ['--drain-wait', '0', '--health-path', '/health', '--max-connections-per-address', '1'],
    ['--trusted-proxy', '10.0.0.0/8', '--trusted-proxy=unix'],
  ].flat();
  expect(read(argv, { CDBSERVE_HEAP_REPORT: '1' })).toMatchObject({
    workers: 64,
    connectionsMax: 65_535,
    connectionsPerAddress: 1,
    trusted: [
      { family: 4, bits: 8, address: [10, 0, 0, 0] },
      { family: 1, bits: 0, address: [] },
    ],
    headerTimeoutMs: 10,
    idleTimeoutMs: 3_600_000,
    writeTimeoutMs: 11,
    drainWaitMs: 0,
    drainTimeoutMs: 12,
    healthPath: '/health',
    quiet: true,
    verbose: true,
    heapReport: true,
  });
});

test.each([
  ['--workers', ['0', '65', '-1', '1.5', '', 'x', '1e1', '0x1', ' 1'], '1 to 64'],
  ['--max-connections', ['0', '65536', '4294967296', 'x'], '1 to 65535'],
  ['--max-connections-per-address', ['0', '65536', 'none'], '1 to 65535'],
  ['--header-timeout', ['0', '9', '3600001', '10ms'], '10 to 3600000'],
  ['--idle-timeout', ['9', '3600001'], '10 to 3600000'],
  ['--write-timeout', ['9', '3600001'], '10 to 3600000'],
  ['--drain-wait', ['-1', '3600001', ''], '0 to 3600000'],
  ['--drain-timeout', ['9', '3600001'], '10 to 3600000'],
])('%s out of its bounds is refused', (flag, values, bounds) => {
  for (const value of values) {
    const text = `${flag} is ${value}; it must be a number from ${bounds}.`;
    expect(refusal([`${flag}=${value}`])).toContain(text);
  }
});

test.each([
  ['--sandbox', ['auto', 'require', 'off']],
  ['--lockdown', ['standard', 'jitless']],
])('%s is one of its names', (flag, names) => {
  const field = flag.slice(2) as 'sandbox' | 'lockdown';
  for (const name of names) expect(read([flag, name])[field]).toBe(name);
  for (const other of ['', 'on', 'OFF', names.join('|')]) {
    const text = `${flag} is ${other}; it must be one of ${names.join(', ')}.`;
    expect(refusal([`${flag}=${other}`])).toContain(text);
  }
});

test('a path of health stands for itself, and for nothing else', () => {
  const longest = `/${'a'.repeat(limits.HEALTH_PATH_BYTES_MAX - 1)}`;
  const good = ['/healthz', '/a/b', '/.well-known/health', '/...', "/~!$&'()*+,;=:@-_1", longest];
  expect(good.map((path) => read([`--health-path=${path}`]).healthPath)).toEqual(good);
  const bad = ['', '/', 'a', '//', '/a/', '/a//b', '/.', '/..', '/a/../b', '/a/.', '/%41', '/a?b'];
  for (const path of [...bad, '/a#b', '/a b', '/\u00e9', '/a\\b', '/a\n', `${longest}a`]) {
    expect(refusal([`--health-path=${path}`])).toContain(
      `--health-path is ${path}; it must be a path such as /healthz`,
    );
  }
});

test('what is wrong with an address is a fault of usage', () => {
  expect(refusal(['--trusted-proxy=10.0.0.1/8'])).toContain('10.0.0.0/8 is meant.');
  expect(refusal(['--listen=x'])).toContain('--listen x: an address is :8080,');
});

test('one archive is named', () => {
  const around = { isRoot: false, pid: 1, environment: {} };
  expect(() => readConfig([], around)).toThrow(
    'no archive and no folder named. Try cdbserve --help.',
  );
  expect(refusal(['other.cdb'])).toContain('one archive is served, not also other.cdb.');
});

test('every option is in the usage text, with its default', () => {
  const text = usage(COMMAND);
  for (const { flag, fallback } of COMMAND.options) {
    expect(text).toMatch(new RegExp(`^  ${flag}\\b`, 'm'));
    if (fallback !== undefined) expect(text).toContain(`default: ${fallback}`);
  }
});

test('--check needs no archive and disturbs no service', () => {
  const checking = (argv: readonly string[], environment: Environment = {}): Config =>
    readConfig(['--check', ...argv], { isRoot: true, pid: 1, environment });
  const beside = [{ host: '127.0.0.1', port: 0 }];
  const around = { HOST: '::1', PORT: '80', CDBSERVE_CHECKED: '1' };
  expect(checking(['--json'])).toMatchObject({ check: true, json: true, checked: false });
  expect(checking([])).toMatchObject({ archivePath: defaultArchive, addresses: beside });
  expect(checking(['a.cdb'], around)).toMatchObject({ archivePath: 'a.cdb', addresses: beside });
  expect(checking(['--listen', ':9'], around).addresses).toEqual([{ host: '', port: 9 }]);
  expect(checking([]).admin).toBeUndefined();
  for (const admin of ['127.0.0.1:9101', '[::1]:9101', 'unix:/run/admin.sock'])
    expect(checking(['--admin', admin]).admin).toEqual(beside[0]);
  expect(refusal(['--check', '--admin', '192.0.2.1:9101'])).toContain('--admin 192.0.2.1:9101');
  expect(refusal(['--json'])).toContain('--json goes with --check.');
});

test('the service that is checked leaves the verdict to whoever checks', () => {
  const checked = { CDBSERVE_CHECKED: '1' };
  expect(read(['--check', '--sandbox', 'require'], checked)).toMatchObject({
    checked: true,
    sandbox: 'auto',
  });
  expect(read(['--check', '--sandbox', 'off'], checked).sandbox).toBe('off');
  expect(read(['--check', '--sandbox', 'require']).sandbox).toBe('require');
  expect(read(['--sandbox', 'require'], checked)).toMatchObject({
    checked: false,
    sandbox: 'require',
  });
});

test('whoever is started by a preview ends with it', () => {
  expect(read([], { CDBSERVE_TIED: '1' }).tied).toBe(true);
  expect(read(['--check'], { CDBSERVE_CHECKED: '1' }).tied).toBe(true);
});

test('what says what a site is goes with a folder', () => {
  for (const argv of [['--include-hidden'], ['--html-urls', 'exact']]) {
    expect(refusal(argv)).toContain(`${argv[0]} goes with a folder: an archive is packed already.`);
  }
});
