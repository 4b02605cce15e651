// starts.test.ts: the places that need no more than this process: what holds in each, what is
// missing and why, word for word. docs/starts.md is the table of all places.
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { record } from '../support/ledger.ts';
import { program, startServer } from '../support/server.ts';
import { packSite, runCommand } from '../support/site.ts';
import {
  asOrdinary,
  isRoot,
  openToAll,
  withoutCapability,
  withoutNamespace,
} from '../support/starts.ts';
import { exchange, get } from '../support/wire.ts';

const site = await packSite({ 'index.html': '<p>root' });
openToAll(dirname(site.archive), site.archive);

const ALL = 'mount namespace, network namespace, pid namespace, ipc namespace, uts namespace';
const CAPS = 'empty capability bounding set, locked securebits';
const LIMIT = 'ENOSPC: a limit below /proc/sys/user is reached or 0';
const FORBIDDEN = 'EPERM: the machine or an outer sandbox forbids namespaces to this user';

interface Place {
  readonly place: string;
  readonly wrapper: readonly string[];
  /** Undefined: nothing is missing. */
  readonly missing?: string;
  /** Of the refusal where everything is required. */
  readonly remedy?: string;
}

const ordinaryPlaces: readonly Place[] = [
  { place: 'ordinary user', wrapper: asOrdinary },
  {
    place: 'ordinary user, user namespaces forbidden',
    wrapper: withoutNamespace('user'),
    missing: `user namespace, ${ALL}, cgroup namespace, read-only root, ${CAPS} (${LIMIT})`,
    remedy: 'Remedy: raise user.max_user_namespaces and its like with sysctl, or start as root.',
  },
];
const places: readonly Place[] = isRoot
  ? [
      { place: 'root', wrapper: [] },
      ...ordinaryPlaces,
      {
        place: 'root without CAP_SYS_ADMIN',
        wrapper: withoutCapability('sys_admin'),
        missing: `${ALL}, cgroup namespace, read-only root (${FORBIDDEN})`,
        remedy: 'Remedy: start as root, in a container as another user than root; or allow them: ',
      },
    ]
  : ordinaryPlaces;

function saidOf({ missing }: Place): string {
  return missing === undefined ? 'workers sandboxed' : `workers without ${missing}`;
}

test.each(places)('$place: serves, and says what holds and what is missing', async (place) => {
  const server = await startServer(site.archive, [], { wrapper: place.wrapper });
  expect((await exchange(server.port, get('/'))).body.toString()).toBe('<p>root');
  expect(server.startLine).toContain(`, ${saidOf(place)}, system calls filtered (standard, `);
  expect(server.startLine).toMatch(/archive sealed \(0x\w+\), mapping (not )?sealed/);
  expect(server.startLine).toMatch(/filtered \(standard, (\d+) of \1 threads\)/);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(server.stderr()).toBe('');
  record(`start: ${place.place}`, { said: saidOf(place) });
});

const lacking = places.filter(({ missing }) => missing !== undefined);

test.each(lacking)('$place: where all is required, exit 4 with the remedy', async (place) => {
  const flags = ['--sandbox', 'require', '--listen', '127.0.0.1:0'];
  const all = [...place.wrapper, process.execPath, program, site.archive, ...flags];
  const { code, stderr } = await runCommand(all[0]!, all.slice(1), { timeout: 10_000 });
  const [names, why] = place.missing!.split(' (');
  const [errno, cause] = why!.replace(/\)$/, '').split(': ');
  expect(stderr).toContain(`Missing: ${names}: ${errno}. Likely cause: ${cause}. ${place.remedy}`);
  expect([code, stderr.trim().split('\n').length]).toEqual([4, 1]);
});
