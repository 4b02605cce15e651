// privilege.ts: the supervisor gives up root for good, and looks whether it did.
import { readFileSync, readdirSync } from 'node:fs';
import { EXIT, Failure } from '../errors.ts';
import type { WallAddon } from '../native.ts';
import type { User } from './user.ts';

const NONE = '0000000000000000';

/** Throws a Failure that says what could not be given up. */
export function giveUpPrivilege(wall: WallAddon, user: User): void {
  const wasRoot = process.geteuid?.() === 0;
  try {
    wall.dropPrivilege(user.uid, user.gid);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    if (syscall === 'seccomp') throw noFilter(`seccomp gave ${code}`);
    throw refusal(user, `${syscall} gave ${code}`);
  }
  const faults = readBack(user).flatMap((status) => faultsOf(status, user, wasRoot));
  if (faults.length > 0) throw refusal(user, [...new Set(faults)].join(', '));
}

function readBack(user: User): ReadonlyMap<string, string>[] {
  try {
    return readThreads();
  } catch (error) {
    throw refusal(user, `whether it was done cannot be read (${(error as Error).message})`);
  }
}

/** /proc/self/task/TID/status of every thread, by field: proc(5). */
function readThreads(): ReadonlyMap<string, string>[] {
  return readdirSync('/proc/self/task').map((thread) => {
    const text = readFileSync(`/proc/self/task/${thread}/status`, 'utf8');
    return new Map(
      text.split('\n').map((line) => {
        const [name = '', value = ''] = line.split(':', 2);
        return [name, value.trim()];
      }),
    );
  });
}

/**
 * A start by an ordinary user with capabilities leaves them to those threads of Node that run none
 * of our code.
 */
function faultsOf(status: ReadonlyMap<string, string>, user: User, wasRoot: boolean): string[] {
  const isMain = status.get('Pid') === status.get('Tgid');
  const four = (id: number): string => Array.from({ length: 4 }, () => id).join('\t');
  const wanted: readonly (readonly [string, string])[] = [
    ['Uid', four(user.uid)],
    ['Gid', four(user.gid)],
    ['NoNewPrivs', '1'],
    ...(wasRoot ? [['Groups', ''] as const] : []),
    ...(wasRoot || isMain ? CAPABILITY_SETS.map((name) => [name, NONE] as const) : []),
  ];
  return wanted.flatMap(([name, value]) =>
    status.get(name) === value ? [] : [`${name} reads ${status.get(name) ?? 'nothing'}`],
  );
}

const CAPABILITY_SETS = ['CapPrm', 'CapEff', 'CapAmb'];

function noFilter(what: string): Failure {
  return new Failure(
    EXIT.sandboxUnavailable,
    `no_new_privs cannot be carried into every thread: ${what}. Likely cause: the kernel has no ` +
      'CONFIG_SECCOMP_FILTER, or a sandbox around this one forbids seccomp(2). Remedy: allow it ' +
      'there. Without any protection: --sandbox off.',
  );
}

function refusal(user: User, what: string): Failure {
  return new Failure(
    EXIT.sandboxUnavailable,
    `cannot become user ${user.uid} and group ${user.gid} for good: ${what}. Likely cause: ` +
      'started without CAP_SETUID or CAP_SETGID, or an id that is not mapped in this container. ' +
      'Remedy: give --user one that is, or start as the user that is to serve.',
  );
}
