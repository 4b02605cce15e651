// start.test.ts: what holds of a worker when it has started, as the kernel tells of it.
import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LOCKDOWNS } from '../../src/boot/orders.ts';
import { startServer } from '../support/server.ts';
import { packSite } from '../support/site.ts';
import { exchange, get } from '../support/wire.ts';

const { archive } = await packSite({ 'a.txt': 'alpha' });

const threadsOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/task`).map((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'),
  );

test.each(LOCKDOWNS)(
  '%s: filters and no_new_privs in every thread, no further process',
  async (level) => {
    const server = await startServer(archive, ['--lockdown', level, '--sandbox', 'require']);
    const [worker] = server.workers();
    for (const status of threadsOf(worker!)) {
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
      expect(status).toMatch(/^Seccomp:\t2$/m);
      expect(status).toMatch(/^Seccomp_filters:\t3$/m);
    }
    expect(readFileSync(`/proc/${worker}/limits`, 'utf8')).toMatch(/^Max processes +0 +0 /m);
    const writable = readFileSync(`/proc/${worker}/maps`, 'utf8').match(/^\S+ rwx/gm) ?? [];
    expect(writable.length > 0).toBe(level === 'standard');
    expect((await exchange(server.port, get('/a.txt'))).status).toBe(200);
    await server.stop();
  },
);

test('--sandbox off leaves a worker as it is', async () => {
  const server = await startServer(archive, ['--sandbox', 'off']);
  expect(server.startLine).toContain('NO system call filter (--sandbox off)');
  for (const status of threadsOf(server.workers()[0]!)) expect(status).toMatch(/^Seccomp:\t0$/m);
  expect((await exchange(server.port, get('/a.txt'))).status).toBe(200);
  await server.stop();
});
