// protect_keepers.ts: what supervisor and spawner have given up: rows of --check.
import { namesOf } from './capabilities.ts';
import {
  CAPABILITY_SETS,
  type Protection,
  type Seen,
  UNREAD,
  countKinds,
  fromKernel,
  ofCapabilities,
  ofGroups,
  ofIds,
  ofNoNewPrivs,
  ofSeccomp,
  ofThreads,
  whenRoot,
} from './protection.ts';

/** As native/spawner/main.c keeps them. */
const KEPT_BY_SPAWNER = 'dac_read_search kill setgid setuid setpcap sys_admin'.split(' ');
/** One carries no_new_privs into every thread and forbids nothing; the other is the list. */
const FILTERS = 2;
const SPAWNER_FILTERS = 1;

const NO_NEW_PRIVS: Protection = {
  id: 'no_new_privs',
  name: 'no_new_privs',
  need: 'core',
  read: ofNoNewPrivs,
};

export const SUPERVISOR: readonly Protection[] = [
  {
    id: 'uid',
    name: 'user id',
    need: 'core',
    read: (seen) => ofIds(seen, 'Uid', seen.expected.uid),
  },
  {
    id: 'gid',
    name: 'group id',
    need: 'core',
    read: (seen) => ofIds(seen, 'Gid', seen.expected.gid),
  },
  { id: 'groups', name: 'supplementary groups', need: whenRoot('core'), read: ofGroups },
  ...CAPABILITY_SETS.map(([set, field]): Protection => {
    const isHeld = ['effective', 'permitted', 'ambient'].includes(set);
    return {
      // Of the bounding set no_new_privs lets nobody have anything: Node's other threads keep it.
      id: `capabilities_${set}`,
      name: `capabilities, ${set}`,
      need: isHeld ? 'core' : 'info',
      read: (seen) => ofCapabilities(mainWhenOrdinary(seen), field),
    };
  }),
  NO_NEW_PRIVS,
  {
    id: 'not_dumpable',
    name: 'dumpable',
    need: 'info',
    read: ({ facts: { dumpable } }) =>
      dumpable === undefined ? UNREAD : fromKernel(dumpable ? 'yes' : 'no', !dumpable),
  },
  {
    id: 'seccomp',
    name: 'system call filter',
    need: 'core',
    read: (seen) => ofSeccomp(seen, FILTERS),
  },
  {
    id: 'descriptors',
    name: 'descriptors',
    need: 'info',
    read: ({ facts: { descriptors } }) =>
      descriptors ? fromKernel(`${descriptors.length}: ${countKinds(descriptors)}`, true) : UNREAD,
  },
];

export const SPAWNER: readonly Protection[] = [
  {
    id: 'uid',
    name: 'user id',
    need: 'info',
    read: (seen) => ofIds(seen, 'Uid', seen.expected.isRoot ? 0 : seen.expected.uid),
  },
  { id: 'groups', name: 'supplementary groups', need: 'info', read: ofGroups },
  ...CAPABILITY_SETS.map(([set, field]): Protection => {
    const isNone = set === 'inheritable' || set === 'ambient';
    const kept = isNone ? [] : KEPT_BY_SPAWNER;
    return {
      id: `capabilities_${set}`,
      name: `capabilities, ${set}`,
      need: set === 'bounding' ? whenRoot('extra') : 'extra',
      read: (seen) =>
        ofCapabilities(seen, field, (value) => isAmong(value, seen.expected.isRoot ? kept : [])),
    };
  }),
  NO_NEW_PRIVS,
  {
    id: 'seccomp',
    name: 'system call filter',
    need: 'core',
    read: (seen) => ofSeccomp(seen, SPAWNER_FILTERS),
  },
  {
    id: 'threads',
    name: 'threads',
    need: 'info',
    read: (seen) => ofThreads(seen, 'Threads', (value) => value === '1'),
  },
  {
    id: 'environment',
    name: 'environment',
    need: 'extra',
    always: true,
    read: ({ facts: { environment } }) => {
      if (environment === undefined) return UNREAD;
      return fromKernel(environment.join(' ') || 'empty', environment.length === 0);
    },
  },
  {
    id: 'descriptors',
    name: 'descriptors',
    need: 'info',
    read: ({ facts: { descriptors } }) =>
      descriptors ? fromKernel(`${descriptors.length}: ${countKinds(descriptors)}`, true) : UNREAD,
  },
];

/**
 * A start by an ordinary user with capabilities leaves them to those threads of Node that run none
 * of our code.
 */
function mainWhenOrdinary(seen: Seen): Seen {
  if (seen.expected.isRoot) return seen;
  return { ...seen, facts: { ...seen.facts, threads: seen.facts.threads.slice(0, 1) } };
}

function isAmong(set: string, kept: readonly string[]): boolean {
  return namesOf(set)?.every((name) => kept.includes(name)) ?? false;
}
