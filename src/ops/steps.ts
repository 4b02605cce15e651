// steps.ts: what the spawner does for a worker, by name; what a lack of it means and what mends it.

/** In the order of native/spawner/step.h. */
export const STEPS = [
  'REQUEST',
  'CLONE',
  'USER_NAMESPACE',
  'MOUNT_NAMESPACE',
  'NETWORK_NAMESPACE',
  'PID_NAMESPACE',
  'IPC_NAMESPACE',
  'UTS_NAMESPACE',
  'CGROUP_NAMESPACE',
  'WORLD',
  'GROUPS',
  'GID',
  'UID',
  'BOUNDING_SET',
  'SECUREBITS',
  'CAPABILITIES',
  'NO_NEW_PRIVS',
  'LIMITS',
  'LANDLOCK_FILES',
  'LANDLOCK_NETWORK',
  'LANDLOCK_SCOPE',
  'DEATH_SIGNAL',
  'DESCRIPTORS',
  'EXEC',
] as const;

export type Step = (typeof STEPS)[number];

/** A step that was not taken: its name and the errno it was refused with. */
export interface Lack {
  readonly step: Step;
  readonly code: string;
}

const NAMES: Readonly<Record<Step, string>> = {
  REQUEST: 'request to the spawner',
  CLONE: 'process',
  USER_NAMESPACE: 'user namespace',
  MOUNT_NAMESPACE: 'mount namespace',
  NETWORK_NAMESPACE: 'network namespace',
  PID_NAMESPACE: 'pid namespace',
  IPC_NAMESPACE: 'ipc namespace',
  UTS_NAMESPACE: 'uts namespace',
  CGROUP_NAMESPACE: 'cgroup namespace',
  WORLD: 'read-only root',
  GROUPS: 'empty list of groups',
  GID: 'group',
  UID: 'user',
  BOUNDING_SET: 'empty capability bounding set',
  SECUREBITS: 'locked securebits',
  CAPABILITIES: 'empty capability sets',
  NO_NEW_PRIVS: 'no_new_privs',
  LIMITS: 'resource limits',
  LANDLOCK_FILES: 'Landlock',
  LANDLOCK_NETWORK: 'Landlock for ports',
  LANDLOCK_SCOPE: 'Landlock for signals',
  DEATH_SIGNAL: 'death with its parent',
  DESCRIPTORS: 'descriptors',
  EXEC: 'program',
};

const NAMESPACES: readonly Step[] = STEPS.filter((step) => step.endsWith('_NAMESPACE'));
const LANDLOCK: readonly Step[] = STEPS.filter((step) => step.startsWith('LANDLOCK_'));
const IDENTITY: readonly Step[] = ['GROUPS', 'GID', 'UID', 'BOUNDING_SET', 'SECUREBITS'];

interface Remedy {
  readonly steps: readonly Step[];
  readonly codes: readonly string[];
  readonly cause: string;
  readonly remedy: string;
}

/** The first row that fits holds. */
const REMEDIES: readonly Remedy[] = [
  {
    steps: NAMESPACES,
    codes: ['ENOSPC'],
    cause: 'a limit below /proc/sys/user is reached or 0',
    remedy: 'raise user.max_user_namespaces and its like with sysctl, or start as root',
  },
  {
    steps: NAMESPACES,
    codes: ['ENOSYS'],
    cause: 'a container runtime or a systemd unit hides clone3, or the kernel is older than 5.3',
    remedy:
      'start the container with CAP_SYS_ADMIN or a seccomp profile that allows clone3, the unit ' +
      'without RestrictNamespaces=',
  },
  {
    steps: NAMESPACES,
    codes: ['EPERM', 'EACCES'],
    cause: 'the machine or an outer sandbox forbids namespaces to this user',
    remedy:
      'start as root, in a container as another user than root; or allow them: sysctl ' +
      'kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0, ' +
      'RestrictNamespaces= of the unit',
  },
  {
    steps: NAMESPACES,
    codes: ['EINVAL'],
    cause: 'this kernel is built without it',
    remedy: 'use a kernel that has all of CONFIG_NAMESPACES',
  },
  {
    steps: ['WORLD'],
    codes: ['EPERM', 'EACCES'],
    cause: 'AppArmor or an outer sandbox forbids mounts inside a namespace',
    remedy: 'allow mount and pivot_root to it, or start as root outside of a container',
  },
  {
    steps: ['WORLD'],
    codes: ['EINVAL'],
    cause: 'the root is an initramfs, which pivot_root cannot leave, or has mounts of its own',
    remedy: 'start from a root that is mounted',
  },
  {
    steps: ['WORLD'],
    codes: ['ENOENT', 'ENOTDIR'],
    cause: 'a file that Node needs, or /tmp, where the new root is put together, is not there',
    remedy: 'make /tmp; after an update of Node or of a library start again',
  },
  {
    steps: ['WORLD'],
    codes: ['ENOSYS', 'ENOSPC'],
    cause: 'the kernel is older than 5.2, or has no room for one more mount',
    remedy: 'use kernel 5.10 or later; raise fs.mount-max with sysctl',
  },
  {
    steps: LANDLOCK,
    codes: ['ENOSYS', 'ENOTSUP', 'EPERM'],
    cause: 'the kernel is older than 5.13 or started without it, or an outer sandbox hides it',
    remedy: 'boot with lsm=landlock,…; in a container use a seccomp profile that knows it',
  },
  {
    steps: ['UID', 'GID'],
    codes: ['EINVAL'],
    cause: 'this user namespace has no such id, or the id is 0',
    remedy: 'give --user one that is mapped here and is not root',
  },
  {
    steps: [...IDENTITY, 'CAPABILITIES'],
    codes: ['EPERM', 'EACCES'],
    cause: 'started without CAP_SETUID, CAP_SETGID or CAP_SETPCAP',
    remedy: 'give these to root, or start as the user that is to serve',
  },
  {
    steps: ['CLONE'],
    codes: ['EAGAIN', 'ENOMEM', 'ENOSPC'],
    cause: 'no memory, or the limit of processes is reached',
    remedy: 'see ulimit -u, the pids limit of the container or of the unit, and free',
  },
  {
    steps: ['EXEC'],
    codes: ['EACCES', 'EPERM'],
    cause: 'the user that serves may not run this Node, such as one below a home of mode 0700',
    remedy: 'install Node where all may run it, or let the read-only root be made',
  },
  {
    steps: ['EXEC'],
    codes: ['ENOENT'],
    cause: 'this Node, or the loader it asks for, is not there any more',
    remedy: 'after an update of Node start again',
  },
];

const UNKNOWN = {
  cause: 'not known here',
  remedy: 'see what this errno means to the call: man 2 clone3, mount, setresuid, landlock',
};

/** What cannot be had without another one is missing for the reason of that. */
const FOLLOWS: Readonly<Partial<Record<Step, Step>>> = {
  WORLD: 'MOUNT_NAMESPACE',
  BOUNDING_SET: 'USER_NAMESPACE',
  SECUREBITS: 'USER_NAMESPACE',
};

/** For the start line: `names (errno: cause)`, those of one cause together. */
export function summarize(lacks: readonly Lack[]): string {
  return groupsOf(lacks)
    .map(({ names, code, cause }) => `${names} (${code}: ${cause})`)
    .join('; ');
}

/** For an end: sentences with cause and remedy, those of one cause together. */
export function explain(lacks: readonly Lack[]): string {
  return groupsOf(lacks)
    .map(({ names, code, cause, remedy }) => {
      return `${names}: ${code}. Likely cause: ${cause}. Remedy: ${remedy}.`;
    })
    .join(' ');
}

export interface Reason {
  readonly code: string;
  readonly cause: string;
  readonly remedy: string;
}

/** Why it is missing, given all that is. */
export function reasonOf(lack: Lack, lacks: readonly Lack[]): Reason {
  const { step, code } = lacks.find((other) => other.step === FOLLOWS[lack.step]) ?? lack;
  const row = REMEDIES.find(({ steps, codes }) => steps.includes(step) && codes.includes(code));
  const { cause, remedy } = row ?? UNKNOWN;
  return { code, cause, remedy };
}

interface Group {
  readonly names: string;
  readonly code: string;
  readonly cause: string;
  readonly remedy: string;
}

function groupsOf(lacks: readonly Lack[]): Group[] {
  const groups = new Map<string, Group>();
  for (const lack of lacks) {
    const { code, cause, remedy } = reasonOf(lack, lacks);
    const before = groups.get(code + cause);
    const names = before ? `${before.names}, ${NAMES[lack.step]}` : NAMES[lack.step];
    groups.set(code + cause, { names, code, cause, remedy });
  }
  return [...groups.values()];
}
