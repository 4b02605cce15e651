// containers.full.test.ts: cdbserve in a container of podman, of root's and of a user's, made from
// files of this machine.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { WITHIN, makeRoot } from '../support/install.ts';
import { record } from '../support/ledger.ts';
import { RUN, engineIn, openEngine } from '../support/podman.ts';
import { startServer } from '../support/server.ts';
import { packSite, runCommand, temporaryFolder } from '../support/site.ts';
import { ORDINARY, asOrdinary, isRoot, openToAll } from '../support/starts.ts';
import { exchange, get } from '../support/wire.ts';

const NAMESPACES =
  'workers without mount namespace, network namespace, pid namespace, ipc namespace, uts ' +
  'namespace, cgroup namespace, read-only root (EPERM: the machine or an outer sandbox forbids ' +
  'namespaces to this user)';
const HIDDEN = 'mapping not sealed (kernel before 6.10, or an outer sandbox hides mseal)';

let root: string;
let userRoot: string;

beforeAll(async () => {
  const { archive } = await packSite({ 'index.html': '<p>root' });
  root = makeRoot(archive);
  userRoot = makeRoot(archive);
  execFileSync('chown', ['-R', `${ORDINARY}:${ORDINARY}`, join(userRoot, '..')]);
}, 60_000);

interface Container {
  readonly place: string;
  readonly flags: readonly string[];
  readonly said: readonly string[];
}

function rootful(flags: readonly string[]): readonly string[] {
  return [...openEngine(), 'run', ...RUN, ...flags, '--rootfs', root];
}

/** Put over the files of /etc; `ids` as in subuid(5), FIRST:COUNT, or '' for none. */
function accounts(ids: string): string {
  const folder = temporaryFolder();
  openToAll(folder);
  const name = 'cdbserve-test';
  const account = `${name}:x:${ORDINARY}:${ORDINARY}::/nonexistent:/bin/sh\n`;
  writeFileSync(join(folder, 'passwd'), `${readFileSync('/etc/passwd', 'utf8')}${account}`);
  for (const file of ['subuid', 'subgid']) {
    writeFileSync(join(folder, file), ids === '' ? '' : `${name}:${ids}\n`);
  }
  const bind = (file: string): string => `mount --bind ${join(folder, file)} /etc/${file}`;
  return ['passwd', 'subuid', 'subgid'].map(bind).join(' && ');
}

/**
 * In a pid namespace, whose end ends the processes that podman leaves running for a user, and in a
 * mount namespace, whose end undoes its mounts.
 */
function rootless(ids: string): readonly string[] {
  const kept = temporaryFolder();
  execFileSync('chown', [`${ORDINARY}:${ORDINARY}`, kept]);
  const apart = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const become = ['sh', '-c', `${accounts(ids)} && exec "$0" "$@"`, ...asOrdinary];
  const path = `PATH=${process.env['PATH']}`;
  const clean = [
    '--pdeathsig',
    'KILL',
    'env',
    '-i',
    path,
    `HOME=${kept}`,
    `XDG_RUNTIME_DIR=${kept}`,
  ];
  const engine = [...engineIn(kept), 'run', ...RUN, '--rootfs', userRoot];
  return [...apart, ...become, ...clean, ...engine];
}

const containers: readonly Container[] = [
  { place: 'podman, as it is', flags: [], said: [HIDDEN, NAMESPACES] },
  { place: 'podman, --user', flags: ['--user=65534:65534'], said: [HIDDEN, 'workers sandboxed'] },
  {
    place: 'podman, CAP_SYS_ADMIN',
    flags: ['--cap-add=sys_admin'],
    said: [HIDDEN, 'workers sandboxed'],
  },
];

const required = ['--sandbox', 'require'];

test.each(isRoot ? containers : [])('$place: it serves and says what is missing', async (way) => {
  const wrapper = rootful(way.flags);
  const server = await startServer(WITHIN.archive, [], { wrapper, ...WITHIN });
  expect((await exchange(server.port, get('/'))).body.toString()).toBe('<p>root');
  for (const text of way.said) expect(server.startLine).toContain(text);
  expect(server.startLine).toMatch(/filtered \(standard, (\d+) of \1 threads\)/);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  record(`start: ${way.place}`, { said: way.said.join(', ') });
});

test.each(isRoot ? [0] : [])('podman, all required: exit 4, cause and remedy', async () => {
  const all = [...rootful([]), WITHIN.node, WITHIN.program, WITHIN.archive, ...required];
  const { code, stderr } = await runCommand(all[0]!, all.slice(1));
  expect(stderr).toMatch(/Missing: mount namespace, .*: EPERM\. Likely cause: .*Remedy: start/);
  expect(code).toBe(4);
  record('start: podman, all required', { exit: 4 });
});

test.each(isRoot ? [0] : [])('podman of a user with one id: root cannot be nobody', async () => {
  const all = [...rootless(''), WITHIN.node, WITHIN.program, WITHIN.archive];
  const { code, stderr } = await runCommand(all[0]!, [...all.slice(1), '--listen', '127.0.0.1:0']);
  expect(stderr).toMatch(/cannot become user 65534 .*: setgroups gave EPERM.*not mapped.*Remedy: /);
  expect(code).toBe(4);
  record('start: podman of a user with one id', { exit: 4 });
});

test.each(isRoot ? [0] : [])('podman of a user with a range of ids: it serves', async () => {
  const wrapper = rootless('200000:65536');
  const server = await startServer(WITHIN.archive, [], { wrapper, ...WITHIN });
  expect((await exchange(server.port, get('/'))).body.toString()).toBe('<p>root');
  for (const text of [HIDDEN, NAMESPACES]) expect(server.startLine).toContain(text);
  expect(server.startLine).toMatch(/filtered \(standard, (\d+) of \1 threads\)/);
  await server.stop('SIGKILL');
  record('start: podman of a user with a range of ids', { said: `${HIDDEN}, ${NAMESPACES}` });
});
