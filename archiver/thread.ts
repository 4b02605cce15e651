// thread.ts: a thread of pool.ts: reads files, or takes bodies and gives them back with their
// codings.
import { parentPort, workerData } from 'node:worker_threads';
import { loadCdb } from '../src/native.ts';
import { BodyCompressor } from './compress.ts';
import type { Job, Order, ThreadData } from './pool.ts';
import { readFiles } from './read.ts';
import { buffersOf, sharedBuffers } from './slab.ts';

const { addon } = workerData as ThreadData;
const compressor = new BodyCompressor(loadCdb(addon));

parentPort!.on('message', (order: Order) => {
  if ('paths' in order) read(order.paths);
  else compress(order.jobs);
});

function read(paths: readonly string[]): void {
  const contents = readFiles(paths, sharedBuffers());
  const parts = contents.flatMap((content) => content?.bytes ?? []);
  parentPort!.postMessage(contents, buffersOf(parts));
}

function compress(jobs: readonly Job[]): void {
  const take = sharedBuffers();
  const done = jobs.map((job) => compressor.run(job, take));
  const parts = done.flatMap(({ bytes, results }) => [
    bytes,
    ...results.flatMap((result) => result?.bytes ?? []),
  ]);
  parentPort!.postMessage(done, buffersOf(parts));
}
