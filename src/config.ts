// config.ts: the one option table of cdbserve, and the frozen value it becomes.
//
// Whatever can be checked without opening anything is checked here; nobody else reads argv or the
// environment.
import { availableParallelism } from 'node:os';
import {
  type Address,
  type AdminAddress,
  type Surroundings,
  readAddresses,
  readAdmin,
} from './addresses.ts';
import { LOCKDOWNS, type Lockdown, SANDBOXES, type Sandbox } from './boot/orders.ts';
import { type Arguments, type Command, parseArguments, readNumber, usageFailure } from './cli.ts';
import { LIMIT_OPTIONS, type LimitConfig, readLimits } from './limit_options.ts';
import * as limits from './limits.ts';
import { type Network, readNetworks } from './networks.ts';
import { LOG_OPTIONS, readAccessLog } from './log_options.ts';
import { LOG_ADDRESSES, type LogAddresses } from './ops/log_address.ts';
import { LOG_FORMATS, type LogFormat } from './ops/log_formats.ts';
import { type Manager, readManager } from './ops/notify.ts';
import { defaultArchive } from './paths.ts';
import { SITE_OPTIONS } from './site_options.ts';

/** Set to 1 in the environment of the service that --check starts. */
export const CHECKED = 'CDBSERVE_CHECKED';
/** The same of the service behind a preview. */
export const TIED = 'CDBSERVE_TIED';

export interface Config extends LimitConfig {
  readonly archivePath: string;
  readonly addresses: readonly Address[];
  readonly workers: number;
  /** Proxies, which may say who their client is. */
  readonly trusted: readonly Network[];
  /** Loopback or a path; undefined: nobody is told how the service is. */
  readonly admin: AdminAddress | undefined;
  /** A path, or - for standard output; undefined: none. */
  readonly accessLog: string | undefined;
  readonly logFormat: LogFormat;
  readonly logAddresses: LogAddresses;
  /** '': none. */
  readonly healthPath: string;
  /** Who started it, and wants to be told how it is. */
  readonly manager: Manager;
  /** NAME[:GROUP] as given; undefined: cdbserve or nobody when started by root. */
  readonly user: string | undefined;
  readonly sandbox: Sandbox;
  readonly lockdown: Lockdown;
  /** Reload when the file has changed. */
  readonly watch: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** For measurements: SIGUSR2 makes every worker report its heap. */
  readonly heapReport: boolean;
  /** Show what protects the service and what does not, and end. */
  readonly check: boolean;
  readonly json: boolean;
  /** This is the service that --check looks at. */
  readonly checked: boolean;
  /** Ends when its standard input does: whoever started it may be killed. */
  readonly tied: boolean;
}

export const COMMAND: Command = {
  program: 'cdbserve',
  summary: 'serves a static site from one CDB file made by cdbpack, or previews a folder',
  synopsis: ['SITE.cdb [options]', 'SITE/ [options]', '[SITE.cdb] --check [--json] [options]'],
  options: [
    {
      flag: '--listen',
      value: 'ADDR',
      repeatable: true,
      fallback: "a service manager's sockets, else :80 as root, :8080 otherwise",
      help: ':PORT, 127.0.0.1:PORT, [::1]:PORT, unix:/PATH[,mode=660], fd:N or systemd[:NAME]',
    },
    {
      flag: '--workers',
      value: 'N',
      fallback: 'one per core',
      range: `1 to ${limits.WORKERS_MAX}`,
      help: 'processes that serve',
    },
    ...LIMIT_OPTIONS,
    {
      flag: '--trusted-proxy',
      value: 'CIDR|unix',
      repeatable: true,
      fallback: 'none',
      help: 'a proxy, or all by unix sockets, whose X-Forwarded-For and -Proto are believed',
      detail:
        'The client is the last address of X-Forwarded-For that is no trusted proxy. Limits by ' +
        'address do not hold for a trusted proxy.',
    },
    ...LOG_OPTIONS,
    {
      flag: '--health-path',
      value: 'PATH',
      fallback: 'none',
      help: 'a path without a page, of every host, that answers 200, and 503 once a drain begins',
      detail:
        'For load balancers. A page at that path, of any host, ends the start; a rule, or a page ' +
        'for what is missing, does not.',
    },
    {
      flag: '--admin',
      value: 'ADDR',
      fallback: 'off',
      help: '/healthz and /metrics, at 127.0.0.1:PORT, [::1]:PORT or unix:/PATH[,mode=660]',
      detail: 'The page of metrics is OpenMetrics, for Prometheus and the like.',
    },
    {
      flag: '--user',
      value: 'NAME[:GROUP]',
      fallback: 'cdbserve if there is such a user, else nobody',
      help: 'when started by root: who serves once the ports are bound',
    },
    {
      flag: '--sandbox',
      value: SANDBOXES.join('|'),
      fallback: SANDBOXES[0],
      help: 'protect workers by all the kernel gives, by nothing less than everything, by nothing',
    },
    {
      flag: '--lockdown',
      value: LOCKDOWNS.join('|'),
      fallback: LOCKDOWNS[0],
      help: 'hot code compiled, or interpreted: slower, and no page is writable and executable',
    },
    {
      flag: '--watch',
      help: 'look at SITE.cdb each second, and reload it, as SIGHUP does, once it is another',
    },
    {
      flag: '--check',
      help: 'start, read every protection back from the kernel, print it, end; needs no SITE.cdb',
    },
    { flag: '--json', help: 'with --check: print it as JSON' },
    { flag: '--quiet', help: 'say nothing but warnings and errors' },
    {
      flag: '--verbose',
      help: 'say more: each start of a worker, how long things took; with --check: all there is',
    },
    ...SITE_OPTIONS.map((option) => ({ ...option, only: 'SITE/ alone, as of cdbpack' })),
  ],
  examples: [
    'cdbserve site/                     a preview on 127.0.0.1:8080, packed again at each change',
    'cdbpack site/ site.cdb && cdbserve site.cdb',
    'cdbserve site.cdb --listen 127.0.0.1:8080 --listen [::1]:8080',
  ],
};

export function readConfig(argv: readonly string[], around: Surroundings): Config {
  const given = parseArguments(COMMAND, argv);
  const misplaced = SITE_OPTIONS.find(({ flag }) => given.has(flag));
  if (misplaced) {
    const text = `${misplaced.flag} goes with a folder: an archive is packed already.`;
    throw usageFailure(COMMAND, text);
  }
  const check = given.has('--check');
  const [archivePath = check ? defaultArchive : undefined, ...rest] = given.positionals;
  if (archivePath === undefined) throw usageFailure(COMMAND, 'no archive and no folder named.');
  if (rest.length > 0) throw usageFailure(COMMAND, `one archive is served, not also ${rest[0]}.`);
  if (given.has('--json') && !check) throw usageFailure(COMMAND, '--json goes with --check.');
  const { environment } = around;
  const checked = check && environment[CHECKED] === '1';
  const sandbox = readChoice(given, '--sandbox', SANDBOXES);
  return Object.freeze({
    archivePath,
    addresses: addressesOf(given, around),
    workers: readNumber(given, '--workers', 1, limits.WORKERS_MAX) ?? defaultWorkers(),
    ...readLimits(given),
    trusted: readTrusted(given),
    admin: adminOf(given),
    accessLog: readAccessLog(given),
    logFormat: readChoice(given, '--log-format', LOG_FORMATS),
    logAddresses: readChoice(given, '--log-addresses', LOG_ADDRESSES),
    healthPath: readHealthPath(given),
    manager: readManager(check ? {} : environment, around.pid),
    user: readUser(given, around),
    // All that is missing is to be seen; whoever checks judges it.
    sandbox: checked && sandbox === 'require' ? 'auto' : sandbox,
    lockdown: readChoice(given, '--lockdown', LOCKDOWNS),
    watch: given.has('--watch'),
    quiet: given.has('--quiet'),
    verbose: given.has('--verbose'),
    heapReport: environment['CDBSERVE_HEAP_REPORT'] === '1',
    check,
    json: given.has('--json'),
    checked,
    tied: checked || environment[TIED] === '1',
  });
}

function defaultWorkers(): number {
  return Math.min(availableParallelism(), limits.WORKERS_MAX);
}

/** Beside a service that runs, a check disturbs nobody. */
const CHECK_ADDRESS = { host: '127.0.0.1', port: 0 };

function addressesOf(given: Arguments, around: Surroundings): readonly Address[] {
  const texts = given.values('--listen');
  if (texts.length === 0 && given.has('--check')) return [CHECK_ADDRESS];
  const addresses = readAddresses(texts, around);
  if (typeof addresses === 'string') throw usageFailure(COMMAND, addresses);
  return addresses;
}

function adminOf(given: Arguments): AdminAddress | undefined {
  const text = given.value('--admin');
  const address = text === undefined ? undefined : readAdmin(text);
  if (typeof address === 'string') throw usageFailure(COMMAND, address);
  return address && given.has('--check') ? CHECK_ADDRESS : address;
}

function readTrusted(given: Arguments): readonly Network[] {
  const networks = readNetworks(given.values('--trusted-proxy'));
  if (typeof networks === 'string') throw usageFailure(COMMAND, networks);
  return networks;
}

/** Segments of unreserved, sub-delims, `:` and `@` (RFC 3986 3.3), none of them empty or dots. */
const HEALTH_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~!$&'()*+,;=:@-]+)+$/;

function readHealthPath(given: Arguments): string {
  const text = given.value('--health-path');
  if (text === undefined) return '';
  if (HEALTH_PATH.test(text) && text.length <= limits.HEALTH_PATH_BYTES_MAX) return text;
  const form =
    `a path such as /healthz: up to ${limits.HEALTH_PATH_BYTES_MAX} letters, digits and ` +
    "-._~!$&'()*+,;=:@ in segments that a slash begins, none of them . or ..";
  throw usageFailure(COMMAND, `--health-path is ${text}; it must be ${form}.`);
}

function readUser(given: Arguments, { isRoot }: Surroundings): string | undefined {
  const text = given.value('--user');
  if (text === undefined || isRoot) return text;
  throw usageFailure(COMMAND, `--user ${text}: only root can become somebody else.`);
}

/** The first one is the default. */
function readChoice<Name extends string>(
  given: Arguments,
  flag: string,
  names: readonly [Name, ...Name[]],
): Name {
  const text = given.value(flag) ?? names[0];
  const name = names.find((known) => known === text);
  if (name !== undefined) return name;
  throw usageFailure(COMMAND, `${flag} is ${text}; it must be one of ${names.join(', ')}.`);
}
