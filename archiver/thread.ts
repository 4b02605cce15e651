// thread.ts: a thread of pool.ts: takes bodies, and gives them back with their codings.
import { parentPort, workerData } from 'node:worker_threads';
import { loadCdb } from '../src/native.ts';
import { BodyCompressor } from './compress.ts';
import type { Job, ThreadData } from './pool.ts';

const { addon } = workerData as ThreadData;
const compressor = new BodyCompressor(loadCdb(addon));

parentPort!.on('message', (job: Job) => {
  const done = compressor.run(job);
  const coded = done.results.flatMap((result) => (result ? [result.bytes] : []));
  const buffers = [done.bytes, ...coded].map(({ buffer }) => buffer as ArrayBuffer);
  parentPort!.postMessage(done, buffers);
});
