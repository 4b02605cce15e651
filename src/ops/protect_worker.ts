// protect_worker.ts: what protects the others from a worker: rows of --check.
import { WORKER_DATA_BYTES_MAX } from '../limits.ts';
import {
  CAPABILITY_SETS,
  type Need,
  type Protection,
  type Seen,
  ofCapabilities,
  ofGroups,
  ofIds,
  ofNoNewPrivs,
  ofSeccomp,
  whenRoot,
} from './protection.ts';
import { WORKER_FILTERS } from './readback.ts';
import {
  byItself,
  ofDescriptors,
  ofEnvironment,
  ofExecutable,
  ofInterfaces,
  ofLandlock,
  ofLimit,
  ofNamespace,
  ofNeighbours,
  ofRoot,
} from './readings.ts';

/** All of native/spawner/identity.c, capabilities(7). */
const SECUREBITS = 0xef;
const SIGKILL = 9;
/** F_SEAL_SEAL, SHRINK, GROW, WRITE. */
const SEALS = 0xf;
/** The first ABI that knows it, landlock(7): Linux 6.7 and 6.12. */
const LANDLOCK_NETWORK = 4;
const LANDLOCK_SCOPE = 6;

/** Where the kernel has no such thing, namespaces of network and processes do the same. */
function fromLandlock(abi: number): (seen: Seen) => Need {
  return ({ told }) => (told && told.report.process.landlockAbi < abi ? 'info' : 'extra');
}

const IDENTITY: readonly Protection[] = [
  {
    id: 'uid',
    name: 'user id',
    need: 'core',
    step: 'UID',
    read: (seen) => ofIds(seen, 'Uid', seen.expected.uid),
  },
  {
    id: 'gid',
    name: 'group id',
    need: 'core',
    step: 'GID',
    read: (seen) => ofIds(seen, 'Gid', seen.expected.gid),
  },
  {
    id: 'groups',
    name: 'supplementary groups',
    need: whenRoot('core'),
    step: 'GROUPS',
    read: ofGroups,
  },
  ...CAPABILITY_SETS.map(([set, field]): Protection => {
    const isBounding = set === 'bounding';
    return {
      id: `capabilities_${set}`,
      name: `capabilities, ${set}`,
      need: isBounding ? 'extra' : 'core',
      step: isBounding ? 'BOUNDING_SET' : 'CAPABILITIES',
      read: (seen) => ofCapabilities(seen, field),
    };
  }),
  {
    id: 'securebits',
    name: 'securebits',
    need: 'extra',
    step: 'SECUREBITS',
    read: byItself(({ process }) => {
      const isLocked = (process.securebits & SECUREBITS) === SECUREBITS;
      return [`0x${process.securebits.toString(16)}${isLocked ? ', locked' : ''}`, isLocked];
    }),
  },
  {
    id: 'no_new_privs',
    name: 'no_new_privs',
    need: 'core',
    step: 'NO_NEW_PRIVS',
    read: ofNoNewPrivs,
  },
  {
    id: 'not_dumpable',
    name: 'dumpable',
    need: 'core',
    read: byItself(({ process }) => [
      process.dumpable === 0 ? 'no' : 'yes',
      process.dumpable === 0,
    ]),
  },
];

const NAMESPACES = [
  ['user', 'user', 'USER_NAMESPACE'],
  ['mount', 'mnt', 'MOUNT_NAMESPACE'],
  ['network', 'net', 'NETWORK_NAMESPACE'],
  ['pid', 'pid', 'PID_NAMESPACE'],
  ['ipc', 'ipc', 'IPC_NAMESPACE'],
  ['uts', 'uts', 'UTS_NAMESPACE'],
  ['cgroup', 'cgroup', 'CGROUP_NAMESPACE'],
] as const;

const WORLD: readonly Protection[] = [
  ...NAMESPACES.map(([name, link, step]): Protection => ({
    id: `namespace_${name}`,
    name: `${name} namespace`,
    // Whoever starts as root needs no user namespace for the others.
    need: ({ expected }) => (expected.isRoot && name === 'user' ? 'info' : 'extra'),
    step,
    read: (seen) => ofNamespace(seen, link, step),
  })),
  { id: 'root', name: 'root file system', need: 'extra', step: 'WORLD', read: ofRoot },
  {
    id: 'network_interfaces',
    name: 'network interfaces',
    need: 'extra',
    step: 'NETWORK_NAMESPACE',
    read: ofInterfaces,
  },
  {
    id: 'other_processes',
    name: 'other processes',
    need: 'extra',
    step: 'PID_NAMESPACE',
    read: ofNeighbours,
  },
  {
    id: 'landlock_files',
    name: 'Landlock, files',
    need: 'extra',
    step: 'LANDLOCK_FILES',
    read: (seen) => ofLandlock(seen, 'LANDLOCK_FILES'),
  },
  {
    id: 'landlock_network',
    name: 'Landlock, ports',
    need: fromLandlock(LANDLOCK_NETWORK),
    step: 'LANDLOCK_NETWORK',
    read: (seen) => ofLandlock(seen, 'LANDLOCK_NETWORK'),
  },
  {
    id: 'landlock_scope',
    name: 'Landlock, signals',
    need: fromLandlock(LANDLOCK_SCOPE),
    step: 'LANDLOCK_SCOPE',
    read: (seen) => ofLandlock(seen, 'LANDLOCK_SCOPE'),
  },
];

/** Row of /proc/PID/limits, and the most it may be; undefined: what the supervisor reckoned. */
const LIMITS = [
  ['open_files', 'open files', 'Max open files', undefined],
  ['data_size', 'private memory', 'Max data size', WORKER_DATA_BYTES_MAX],
  ['file_size', 'file size', 'Max file size', 0],
  ['core_size', 'core dump', 'Max core file size', 0],
  ['locked_memory', 'locked memory', 'Max locked memory', 0],
  ['message_queues', 'message queues', 'Max msgqueue size', 0],
  ['processes', 'further processes', 'Max processes', 0],
] as const;

const HOLDINGS: readonly Protection[] = [
  ...LIMITS.map(([id, name, row, most]): Protection => ({
    id: `limit_${id}`,
    name: `limit of ${name}`,
    need: 'core',
    step: 'LIMITS',
    read: ({ facts, expected }) => ofLimit(facts, row, most ?? expected.descriptorsMax),
  })),
  { id: 'environment', name: 'environment', need: 'extra', read: ofEnvironment, always: true },
  { id: 'descriptors', name: 'descriptors', need: 'extra', read: ofDescriptors, always: true },
  {
    id: 'death_signal',
    name: 'signal when its parent dies',
    need: 'core',
    step: 'DEATH_SIGNAL',
    read: byItself(({ process: { deathSignal } }) => [
      deathSignal === SIGKILL ? 'SIGKILL' : `${deathSignal || 'none'}`,
      deathSignal === SIGKILL,
    ]),
  },
];

const CODE: readonly Protection[] = [
  {
    id: 'seccomp',
    name: 'system call filter',
    need: 'core',
    read: (seen) => ofSeccomp(seen, WORKER_FILTERS),
  },
  {
    id: 'system_calls',
    name: 'system calls left',
    need: 'core',
    read: (seen) => ({
      ...byItself(({ calls }) => [
        calls ? `${calls.length} (${seen.expected.lockdown})` : 'all',
        calls !== undefined,
      ])(seen),
      details: seen.told?.report.calls ?? [],
    }),
  },
  {
    id: 'executable_memory',
    name: 'executable memory',
    need: 'extra',
    read: ofExecutable,
  },
  {
    id: 'exec_gain',
    name: 'memory-deny-write-execute',
    // A compiler could not live with it.
    need: ({ expected }) => (expected.lockdown === 'jitless' ? 'extra' : 'info'),
    read: byItself(({ process: { execGainRefused } }) => [
      execGainRefused > 0 ? 'set' : 'not set',
      execGainRefused > 0,
    ]),
    missing: {
      cause: 'the kernel is older than 6.3 and has no memory-deny-write-execute',
      remedy: 'use kernel 6.3 or later',
    },
  },
  {
    id: 'archive_seals',
    name: 'archive',
    need: 'core',
    always: true,
    read: byItself(({ seals }) => [`sealed, 0x${seals.toString(16)}`, (seals & SEALS) === SEALS]),
  },
  {
    id: 'mapping_sealed',
    name: 'mapping of the archive',
    need: 'extra',
    always: true,
    read: byItself(({ msealed }) => [msealed ? 'sealed' : 'not sealed', msealed]),
    missing: {
      cause: 'the kernel is older than 6.10, or an outer sandbox hides mseal',
      remedy: 'use kernel 6.10 or later; allow mseal in the outer sandbox',
    },
  },
];

export const WORKER: readonly Protection[] = [...IDENTITY, ...WORLD, ...HOLDINGS, ...CODE];
