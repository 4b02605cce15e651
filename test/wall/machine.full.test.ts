// machine.full.test.ts: cdbserve on the kernel of Debian 12, older than much of what it uses, in
// QEMU without KVM, with a clock that is no TSC. Both roots: that of the initramfs, which no
// process can leave, and a tmpfs.
import { spawn } from 'node:child_process';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { onEnd } from '../support/cleanup.ts';
import { WITHIN, makeRoot } from '../support/install.ts';
import { record } from '../support/ledger.ts';
import { packSite, runCommand, temporaryFolder } from '../support/site.ts';
import { openToAll } from '../support/starts.ts';

const BOOT_MS = 480_000;
/** A clock without a fast path: every look at it is a system call. */
const CLOCK = 'clocksource=acpi_pm';
const SERVE = `${WITHIN.node} ${WITHIN.program} ${WITHIN.archive} --listen 127.0.0.1:8080 --workers 1`;

/** Each start writes a block: a title, the page, the exit status, and what was printed. */
const STARTS = `
try() {
  echo "== $1"; shift
  "$@" > /tmp/out 2>&1 & P=$!
  i=0
  while [ $i -lt 150 ] && ! busybox grep -q http:// /tmp/out && busybox kill -0 $P; do
    busybox sleep 0.2; i=$((i+1))
  done 2> /dev/null
  echo "page: $(busybox wget -q -O - http://127.0.0.1:8080/ 2> /dev/null)"
  busybox kill $P 2> /dev/null; wait $P; echo "exit: $?"; busybox cat /tmp/out
}
`;

const INIT = `#!/bin/sh
export PATH=/bin
busybox mount -t proc proc /proc; busybox mount -t devtmpfs dev /dev
busybox ip link set lo up
echo "== kernel"; busybox uname -r
echo "== clock"; busybox mkdir -p /sys; busybox mount -t sysfs sys /sys
busybox cat /sys/devices/system/clocksource/clocksource0/current_clocksource
${STARTS}
try 'initramfs, root' ${SERVE}
try 'initramfs, all required' ${SERVE} --sandbox require
busybox mount -t tmpfs new /new
for name in app bin etc lib lib64 srv usr; do
  [ -e /$name ] && busybox cp -a /$name /new/
done
busybox mkdir -m 1777 /new/tmp; busybox mkdir /new/proc /new/dev
busybox mount --move /proc /new/proc; busybox mount --move /dev /new/dev
exec busybox switch_root /new /bin/sh /etc/second
`;

const SECOND = `#!/bin/sh
export PATH=/bin
${STARTS}
try 'root' ${SERVE}
try 'user' busybox su nobody -c 'exec ${SERVE}'
try 'jitless' ${SERVE} --lockdown jitless
try 'all required' ${SERVE} --sandbox require
echo "== end"
busybox poweroff -f
`;

async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  const ended = await runCommand(command, args, { cwd });
  if (ended.code !== 0) throw new Error(`${command} ${args.join(' ')}: ${ended.stderr}`);
}

/** Of the package, which is unpacked and not installed. */
async function fetchKernel(): Promise<string> {
  const folder = temporaryFolder();
  openToAll(folder);
  const depends = await runCommand('apt-cache', ['depends', 'linux-image-cloud-amd64']);
  const name = /Depends: (linux-image-6\.1\S+)/.exec(depends.stdout)?.[1];
  if (name === undefined) throw new Error(`no kernel 6.1 is known to apt: ${depends.stdout}`);
  await run('apt-get', ['download', name], folder);
  await run('dpkg-deb', ['-x', readdirSync(folder)[0]!, 'kernel'], folder);
  const boot = join(folder, 'kernel', 'boot');
  return join(
    boot,
    readdirSync(boot).find((file) => file.startsWith('vmlinuz-'))!,
  );
}

async function pack(root: string): Promise<string> {
  const image = join(temporaryFolder(), 'initramfs');
  await run('sh', ['-c', `find . | cpio -o -H newc --quiet > ${image}`], root);
  return image;
}

async function runMachine(kernel: string, image: string): Promise<string> {
  const bare = ['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-M', 'pc'];
  const slow = ['-accel', 'tcg', '-cpu', 'max', '-m', '900', '-serial', 'stdio'];
  const boot = [
    '-kernel',
    kernel,
    '-initrd',
    image,
    '-append',
    `console=ttyS0 quiet panic=-1 ${CLOCK}`,
  ];
  const child = spawn('qemu-system-x86_64', [...bare, ...slow, ...boot], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: BOOT_MS,
    killSignal: 'SIGKILL',
  });
  onEnd(() => void child.kill('SIGKILL'));
  let console = '';
  for await (const text of child.stdout) console += String(text);
  return console.replaceAll('\r', '');
}

const blocks = new Map<string, string>();

beforeAll(async () => {
  const { archive } = await packSite({ 'index.html': '<p>root' });
  const root = makeRoot(archive);
  writeFileSync(join(root, 'init'), INIT);
  chmodSync(join(root, 'init'), 0o755);
  writeFileSync(join(root, 'etc', 'second'), SECOND);
  const said = await runMachine(await fetchKernel(), await pack(root));
  for (const block of said.split('== ').slice(1)) {
    const end = block.indexOf('\n');
    blocks.set(block.slice(0, end), block.slice(end + 1));
  }
}, BOOT_MS + 60_000);

const NO_MSEAL = 'archive sealed (0xf), mapping not sealed (kernel before 6.10, ';
const INITRAMFS = 'read-only root (EINVAL: the root is an initramfs, which pivot_root cannot leave';
const FILTERED = /filtered \(\w+, (\d+) of \1 threads\)/;

test('it is the kernel of Debian 12', () => {
  expect(blocks.get('kernel')).toMatch(/^6\.1\./);
  expect([...blocks.keys()].at(-1)).toBe('end');
});

test('the time is asked of the kernel', () => {
  expect(blocks.get('clock')).toBe('acpi_pm\n');
});

test.each([
  ['initramfs, root', `workers without ${INITRAMFS}`],
  ['root', 'workers sandboxed, system calls filtered (standard, '],
  ['user', 'workers sandboxed, system calls filtered (standard, '],
  ['jitless', 'workers sandboxed, system calls filtered (jitless, '],
])('kernel 6.1, %s: it serves and says what holds', (start, said) => {
  const block = blocks.get(start)!;
  expect(block).toContain('page: <p>root\nexit: 0\n');
  for (const text of [NO_MSEAL, said]) expect(block).toContain(text);
  expect(block).toMatch(FILTERED);
  record(`start: kernel 6.1, ${start}`, { said });
});

test('kernel 6.1, all required: exit 4 for the one thing that it lacks', () => {
  const block = blocks.get('all required')!;
  expect(block).toContain('page: \nexit: 4\n');
  expect(block.match(/Missing: [^.]*\./g)).toEqual([
    'Missing: worker, mapping of the archive: not sealed.',
  ]);
  expect(block).toContain('Remedy: use kernel 6.10 or later');
  record('start: kernel 6.1, all required', { exit: 4 });
});

test('kernel 6.1, initramfs, all required: exit 4, cause and remedy', () => {
  const block = blocks.get('initramfs, all required')!;
  expect(block).toContain('page: \nexit: 4\n');
  expect(block).toMatch(/Missing: read-only root: EINVAL\. Likely cause: .* Remedy: start from a/);
  record('start: kernel 6.1, initramfs, all required', { exit: 4 });
});
