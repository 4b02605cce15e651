// starts.ts: the ways a service is started: by root, by an ordinary user, where something is
// forbidden. Each is a wrapper of startServer().
import { chmodSync } from 'node:fs';
import { runCommand } from './site.ts';

export const isRoot = process.getuid!() === 0;

/** No account of this machine. */
export const ORDINARY = 41_001;
/** Who serves when root starts. */
export const NOBODY = 65_534;
export const ordinaryId = isRoot ? ORDINARY : process.getuid!();

const becomeOrdinary = isRoot
  ? ['setpriv', '--reuid', `${ORDINARY}`, '--regid', `${ORDINARY}`, '--clear-groups']
  : [];

export const asOrdinary: readonly string[] = becomeOrdinary;

/** In a user namespace of its own, below which there is none of a kind: user_namespaces(7). */
export function withoutNamespace(kind: 'user' | 'mnt'): readonly string[] {
  return withUserLimit(`max_${kind}_namespaces`, 0);
}

/** In a user namespace of its own, with a limit of /proc/sys/user. */
export function withUserLimit(name: string, most: number): readonly string[] {
  return [
    ...becomeOrdinary,
    'unshare',
    '--user',
    '--keep-caps',
    `--map-user=${ordinaryId}`,
    `--map-group=${isRoot ? ORDINARY : process.getgid!()}`,
    'sh',
    '-c',
    `echo ${most} > /proc/sys/user/${name} && ` +
      'exec setpriv --ambient-caps -all --inh-caps -all "$0" "$@"',
  ];
}

/** Root, as container runtimes know it. */
export function withoutCapability(name: string): readonly string[] {
  return ['setpriv', '--bounding-set', `-${name}`, '--inh-caps', `-${name}`];
}

/** socket(2) gives EAFNOSUPPORT for all others: RestrictAddressFamilies=AF_UNIX of a unit. */
export const withUnixSocketsAlone: readonly string[] = [
  'perl',
  '-e',
  'my @filter = ([0x20, 0, 0, 0], [0x15, 0, 3, 41], [0x20, 0, 0, 16], [0x15, 1, 0, 1],' +
    '[0x06, 0, 0, 0x50000 + 97], [0x06, 0, 0, 0x7fff0000]);' +
    'my $filter = join "", map { pack "SCCL", @$_ } @filter;' +
    'my $program = pack "Sx6P", scalar @filter, $filter;' +
    'syscall(157, 38, 1, 0, 0, 0) == 0 && syscall(157, 22, 2, $program) == 0 or die $!;' +
    'exec @ARGV',
];

/** A network namespace with nothing but a loopback. */
export const inOwnNetwork: readonly string[] = [
  'unshare',
  '--net',
  'sh',
  '-c',
  'ip link set lo up && exec "$0" "$@"',
];

/** The body of a page, fetched from inside the network namespace of a process. */
export async function fetchInside(pid: number, url: string): Promise<string> {
  const curl = ['curl', '--silent', '--show-error', '--max-time', '10', url];
  const ended = await runCommand('nsenter', ['--target', `${pid}`, '--net', ...curl]);
  if (ended.code !== 0) throw new Error(ended.stderr);
  return ended.stdout;
}

/** Archives of tests lie in folders of mode 0700. */
export function openToAll(...paths: readonly string[]): void {
  for (const path of paths) chmodSync(path, 0o755);
}
