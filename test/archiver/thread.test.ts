// thread.test.ts: the program of a packing thread, as it is built.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { recipesFor } from '../../archiver/effort.ts';
import type { Done, ThreadData } from '../../archiver/pool.ts';
import { addonPath, packingThread } from '../../src/paths.ts';
import { onEnd } from '../support/cleanup.ts';

test('it answers each body with the body and its codings, and moves buffers', async () => {
  const workerData: ThreadData = { addon: addonPath('cdb') };
  const worker = new Worker(packingThread, { workerData, execArgv: [] });
  onEnd(async () => void (await worker.terminate()));
  const bytes = new Uint8Array(10_000);
  const answer = once(worker, 'message') as Promise<[Done[]]>;
  const recipes = recipesFor('fast', ['br', 'gzip'], bytes.length);
  worker.postMessage({ jobs: [{ bytes, recipes }] }, [bytes.buffer]);
  const [[done]] = await answer;
  expect(done!.bytes).toEqual(new Uint8Array(10_000));
  expect(done!.results.map((result) => result!.bytes.length < 100)).toEqual([true, true]);
});

test('without an addon it fails, and says so', async () => {
  const workerData: ThreadData = { addon: '/nonexistent/cdb.node' };
  const worker = new Worker(packingThread, { workerData, execArgv: [] });
  const [error] = (await once(worker, 'error')) as [Error];
  expect(error.message).toContain('/nonexistent/cdb.node');
});
