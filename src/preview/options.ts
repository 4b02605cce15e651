// options.ts: from the command line of a preview to what its packer and its server are told.
import { type Surroundings, type TcpAddress, isLoopback, readAddresses } from '../addresses.ts';
import { addressText } from '../boot/listen.ts';
import { type Arguments, usageFailure } from '../cli.ts';
import { COMMAND, readConfig } from '../config.ts';
import { LOG_OPTIONS } from '../log_options.ts';
import { findUser, readUserFiles } from '../ops/user.ts';
import { SITE_OPTIONS } from '../site_options.ts';

export interface PreviewConfig {
  readonly site: string;
  /** All of them loopback. */
  readonly addresses: readonly TcpAddress[];
  /** Options of cdbpack. */
  readonly packing: readonly string[];
  /** Options of cdbserve, but for --listen. */
  readonly serving: readonly string[];
  readonly writeTimeoutMs: number;
  /** Of whoever serves, if that is not whoever packs. */
  readonly group: number | undefined;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

const PORT = '8080';
/**
 * One person looks at one site, and the next archive waits until nobody is served from the one
 * before the last.
 */
const DEFAULTS = { '--workers': '1', '--drain-wait': '0' };

/** What the conductor sees to itself. */
const OWN = ['--listen', '--quiet', '--verbose'];
const WITHOUT_MEANING = ['--check', '--json', '--watch', ...LOG_OPTIONS.map(({ flag }) => flag)];

/** Throws a Failure (usage). */
export function readPreview(given: Arguments, around: Surroundings): PreviewConfig {
  const [site, ...rest] = given.positionals;
  if (rest.length > 0) throw usageFailure(COMMAND, `one folder is served, not also ${rest[0]}.`);
  const misplaced = WITHOUT_MEANING.find((flag) => given.has(flag));
  if (misplaced !== undefined) {
    throw usageFailure(COMMAND, `${misplaced} goes with an archive: ${site} is a folder.`);
  }
  const siteFlags = SITE_OPTIONS.map(({ flag }) => flag);
  const others = COMMAND.options
    .map(({ flag }) => flag)
    .filter((flag) => !siteFlags.includes(flag) && !OWN.includes(flag));
  const defaults = Object.entries(DEFAULTS).filter(([flag]) => !given.has(flag));
  const serving = [
    ...defaults.map(([flag, value]) => `${flag}=${value}`),
    ...argumentsOf(given, others),
  ];
  const { user, writeTimeoutMs } = readConfig(['x', ...serving, '--listen', ':0'], around);
  return Object.freeze({
    site: site!,
    addresses: readLoopback(given, around),
    packing: argumentsOf(given, siteFlags),
    serving,
    writeTimeoutMs,
    group: around.isRoot ? findUser(user, readUserFiles()).gid : undefined,
    quiet: given.has('--quiet'),
    verbose: given.has('--verbose'),
  });
}

/** As they were given, in the order of the table. */
function argumentsOf(given: Arguments, flags: readonly string[]): string[] {
  return flags.flatMap((flag) => {
    const takesValue = COMMAND.options.find((option) => option.flag === flag)!.value !== undefined;
    return given.values(flag).map((value) => (takesValue ? `${flag}=${value}` : flag));
  });
}

function readLoopback(given: Arguments, around: Surroundings): readonly TcpAddress[] {
  const { PORT: port = PORT } = around.environment;
  const texts = given.values('--listen');
  const asked = texts.length > 0 ? texts : [`127.0.0.1:${port}`];
  const addresses = readAddresses(asked, around);
  if (typeof addresses === 'string') throw usageFailure(COMMAND, addresses);
  return addresses.map((address) => {
    if ('port' in address && isLoopback(address.host)) return address;
    const why = 'a preview listens on loopback alone: it has no walls around what packs.';
    const here = '--listen 127.0.0.1:8080 or [::1]:8080';
    const publish = 'to publish the site, cdbpack it and serve the archive';
    throw usageFailure(
      COMMAND,
      `--listen ${addressText(address)}: ${why} Name ${here}; ${publish}.`,
    );
  });
}
