// notified.full.test.ts: what a real systemd makes of what it is told: when a unit is active, when
// it reloads, and when its watchdog ends it.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { WITHIN } from '../support/install.ts';
import { record } from '../support/ledger.ts';
import { packSite } from '../support/site.ts';
import { isRoot } from '../support/starts.ts';
import { type Booted, bootUnits } from '../support/units.ts';

const { node, program, archive } = WITHIN;
const PAGE = 'http://127.0.0.1:8080/';
const start = (path: string): string => `${node} ${program} ${path} --listen 127.0.0.1:8080`;

/**
 * Of the unit in deploy/, but for times and a start that is slow enough to be seen. In a container
 * with control groups of version 1 systemd does not hear that all have ended, and waits that long.
 */
const SERVICE = `[Service]
Type=notify
ExecStart=/bin/sh -c 'sleep 1; exec ${start(archive)} --workers 2'
ExecReload=/bin/sh -c 'kill -HUP $MAINPID'
Restart=on-failure
RestartPreventExitStatus=2 3 4
RestartSec=0
WatchdogSec=2
TimeoutStopSec=5
LimitCORE=0
`;
const BAD = `[Service]
Type=notify
ExecStart=${start('/etc/passwd')}
Restart=on-failure
RestartPreventExitStatus=2 3 4
`;

/** What the unit is and whether a page comes, a line for each look, until it is active. */
const START = `
systemctl start --no-block notified
for look in $(seq 600); do
  state=$(systemctl show -P ActiveState notified)
  echo "$state $(curl -s -o /dev/null -w '%{http_code}' ${PAGE} || :)"
  [ "$state" != active ] || exit 0
  sleep 0.05
done
exit 1
`;

/** Stops a process and waits until the unit was ended and started anew. */
const stop = (pid: string): string => `
main=$(systemctl show -P MainPID notified)
still=${pid}
restarts=$(systemctl show -P NRestarts notified)
# A worker has a minute for its first turn, and then a second for each.
sleep 3
kill -STOP "$still"
while [ "$(systemctl show -P NRestarts notified)" = "$restarts" ]; do sleep 0.1; done
until [ "$(systemctl show -P ActiveState notified)" = active ]; do sleep 0.1; done
[ "$main" != "$(systemctl show -P MainPID notified)" ]
[ ! -e "/proc/$still" ]
curl -fsS ${PAGE}
`;
const STILL: readonly (readonly [name: string, pid: string])[] = [
  ['supervisor', '$main'],
  ['worker', '$(pgrep -P "$(pgrep -P "$main")" | head -n 1)'],
];

let booted: Booted;

async function run(script: string): Promise<string> {
  const ended = await booted.machine.run(script);
  if (ended.code !== 0) throw new Error(`${script}\n${ended.stdout}${ended.stderr}`);
  return ended.stdout;
}

/** All but the watchdog's, the oldest first. */
async function messages(): Promise<string[]> {
  const journal = await run('journalctl -q -o cat _PID=1');
  const lines = journal.matchAll(
    /^notified\.service: Got notification message from PID \d+ \((.*)\)$/gm,
  );
  return [...lines].map(([, text]) => text!).filter((text) => text !== 'WATCHDOG=1');
}

beforeAll(async () => {
  if (!isRoot) return;
  const { archive: packed } = await packSite({ 'index.html': '<p>root' });
  booted = await bootUnits(
    packed,
    new Map([
      ['notified', SERVICE],
      ['bad', BAD],
    ]),
  );
  await run('systemctl log-level debug');
}, 120_000);

const asRoot = isRoot ? [0] : [];

test.each(asRoot)('the unit is active when it serves, and not before', async () => {
  const looks = (await run(START)).trim().split('\n');
  expect(looks[0]).toBe('activating 000');
  expect(looks.at(-1)).toBe('active 200');
  expect(await run('systemctl show -P StatusText notified')).toBe(
    `serving ${PAGE} with 2 workers\n`,
  );
  record('systemd: Type=notify, active once it serves', { looks: looks.length });
});

test.each(asRoot)('a reload is RELOADING and READY, and the new page is there', async () => {
  const before = await messages();
  const { archive: next } = await packSite({ 'index.html': '<p>next' });
  await run(`rm ${archive}`);
  copyFileSync(next, join(booted.root, archive));
  await run('systemctl reload notified');
  await run(`until [ "$(curl -fsS ${PAGE})" = '<p>next' ]; do sleep 0.1; done`);
  await run(`until [ "$(systemctl show -P ActiveState notified)" = active ]; do sleep 0.1; done`);
  const [began, over, ...more] = (await messages()).slice(before.length);
  expect(began).toMatch(/^RELOADING=1, MONOTONIC_USEC=\d+, STATUS=reloading$/);
  expect(over).toBe(`READY=1, STATUS=serving ${PAGE} with 2 workers`);
  expect(more).toEqual([]);
  record('systemd: reload', { said: 'RELOADING, READY' });
});

test.each(isRoot ? STILL : [])(
  'the watchdog ends the service when its %s stands still, and it serves again',
  { timeout: 120_000 },
  async (name, pid) => {
    const begin = performance.now();
    expect(await run(stop(pid))).toBe('<p>next');
    const seconds = Math.round((performance.now() - begin) / 100) / 10;
    record(`systemd: WatchdogSec=2, ${name} stopped, started anew`, { seconds });
  },
);

test.each(asRoot)('what is no archive is never active, and not tried again', async () => {
  expect((await booted.machine.run('systemctl start bad')).code).not.toBe(0);
  const asked = ['ActiveState', 'NRestarts', 'ExecMainStatus'];
  const said = await Promise.all(asked.map((name) => run(`systemctl show -P ${name} bad`)));
  expect(said).toEqual(['failed\n', '0\n', `${EXIT.archiveRefused}\n`]);
  record('systemd: an archive that is refused', { exit: EXIT.archiveRefused, restarts: 0 });
});
