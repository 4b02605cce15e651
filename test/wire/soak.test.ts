// soak.test.ts: clients of every kind for a long time, with log, metrics and reloads: what the
// service holds is at the end what it was after the first minutes.
import { chmodSync, copyFileSync, readdirSync, renameSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FULL, record } from '../support/ledger.ts';
import { FILES, type Random, live } from '../support/mixed.ts';
import { openDescriptors, privateBytes, residentBytes } from '../support/proc.ts';
import { type Server, startServer } from '../support/server.ts';
import { packSite, temporaryFolder, xorshift } from '../support/site.ts';

const SECONDS = FULL ? 1_800 : 12;
const CLIENTS = FULL ? 60 : 20;
const SEED = Number(process.env['CDBSERVE_SEED'] ?? 4_711);
const WORKERS = 2;
/** Samples of memory in all: of a phase, the most that was seen counts. */
const PHASES = FULL ? 6 : 3;
/** Of what a collector has not looked at yet. */
const SLACK_BYTES = 12_000_000;
/** Of a moment of a reload that no sample of the second phase met. */
const SLACK_DESCRIPTORS = 4;

interface Phase {
  supervisor: number;
  worker: number;
  descriptors: number;
  threads: number;
}

const threadsOf = (pid: number): number => readdirSync(`/proc/${pid}/task`).length;

function scrape(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'));
    let text = '';
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}

async function sample(phase: Phase, server: Server): Promise<void> {
  const workers = server.workers();
  const most = (name: keyof Phase, ...numbers: readonly number[]): void => {
    phase[name] = Math.max(phase[name], ...numbers);
  };
  most('supervisor', residentBytes(server.pid));
  most('worker', ...workers.map(privateBytes));
  most('descriptors', openDescriptors(server.pid));
  most('threads', threadsOf(server.pid), ...workers.map(threadsOf));
  await sleep(250);
}

/** Figures of all phases, for a line of the ledger. */
function figuresOf(phases: readonly Phase[]): Record<string, string> {
  const names = ['supervisor', 'worker', 'descriptors', 'threads'] as const;
  return Object.fromEntries(
    names.map((name) => [name, phases.map((phase) => phase[name]).join(' ')]),
  );
}

test(
  `${CLIENTS} clients for ${SECONDS} s: memory, descriptors and threads stay as they are`,
  { timeout: (SECONDS + 120) * 1_000 },
  async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o777); // started by root it is somebody else who writes
    const inFolder = (name: string): string => join(folder, name);
    const [site, log, admin] = [inFolder('site.cdb'), inFolder('access.log'), inFolder('admin')];
    const { archive } = await packSite(FILES);
    copyFileSync(archive, site);
    const args = ['--access-log', log, '--admin', `unix:${admin}`];
    const server = await startServer(site, args, { workers: WORKERS });
    const began = performance.now();
    const share = (): number => (performance.now() - began) / (SECONDS * 1_000);
    const goesOn = (): boolean => share() < 1;
    let broken = 0;
    // Who sends while its worker leaves, and is idle for it, asks again.
    const forgive = (error: unknown): void => {
      if (!/^(?:fin|reset) before a reply: ""/.test((error as Error).message)) throw error;
      broken++;
    };
    const keepLiving = async (random: Random): Promise<void> => {
      while (goesOn()) await live(server.port, random, goesOn).catch(forgive);
    };
    const clients = Promise.all(
      Array.from({ length: CLIENTS }, (_, client) => {
        const next = xorshift(SEED + client * 7_919);
        return keepLiving((below) => next() % below);
      }),
    );
    const phases: Phase[] = [];
    while (goesOn()) {
      const at = Math.min(PHASES - 1, Math.floor(share() * PHASES));
      if (phases[at] === undefined) {
        phases[at] = { supervisor: 0, worker: 0, descriptors: 0, threads: 0 };
        // As logrotate does, and another archive: both ask for SIGHUP.
        renameSync(log, `${log}.${at}`);
        copyFileSync(archive, `${site}.new`);
        renameSync(`${site}.new`, site);
        server.signal('SIGHUP');
        await sleep(2_000); // two generations are there meanwhile
        if (at > 1) unlinkSync(`${log}.${at - 1}`);
      }
      await Promise.race([sample(phases[at]!, server), clients]);
      expect(await scrape(admin)).toContain('# EOF');
    }
    await clients;
    const stderr = server.stderr();
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    const figures = figuresOf(phases);
    record('soak', { seconds: SECONDS, clients: CLIENTS, broken, ...figures });
    expect(broken).toBeLessThan(2 * CLIENTS * PHASES);
    const last = phases.at(-1)!;
    const second = phases[1]!;
    expect(phases, 'each phase was seen').toHaveLength(PHASES);
    expect(last.supervisor, figures['supervisor']).toBeLessThan(second.supervisor + SLACK_BYTES);
    expect(last.worker, figures['worker']).toBeLessThan(second.worker + SLACK_BYTES);
    const descriptors = second.descriptors + SLACK_DESCRIPTORS;
    expect(last.descriptors, figures['descriptors']).toBeLessThanOrEqual(descriptors);
    expect(last.threads, figures['threads']).toBeLessThanOrEqual(second.threads);
    expect(stderr).toBe('');
  },
);
