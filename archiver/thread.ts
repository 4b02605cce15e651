// thread.ts: a thread of pool.ts: reads files, looks into the cache, takes bodies and gives them
// back with their codings, or looks at how an archive is built.
import { parentPort, workerData } from 'node:worker_threads';
import { loadCdb } from '../src/native.ts';
import { BodyCompressor } from './compress.ts';
import { Lookups } from './lookups.ts';
import type { Lookup } from './lookups.ts';
import type { Job, Order, ThreadData, Written } from './pool.ts';
import { readFiles } from './read.ts';
import { buffersOf, sharedBuffers } from './slab.ts';
import { checkBegun, faultOfStructure } from './verify.ts';

const { addon } = workerData as ThreadData;
const cdb = loadCdb(addon);
const compressor = new BodyCompressor(cdb);
const lookups = new Lookups(cdb);

parentPort!.on('message', (order: Order) => {
  if ('paths' in order) read(order.paths);
  else if ('lookup' in order) lookUp(order.lookup);
  else if ('begun' in order) parentPort!.postMessage(checkBegun(order.begun, cdb), []);
  else if ('written' in order) verify(order.written);
  else compress(order.jobs);
});

function read(paths: readonly string[]): void {
  const contents = readFiles(paths, sharedBuffers());
  const parts = contents.flatMap((content) => content?.bytes ?? []);
  parentPort!.postMessage(contents, buffersOf(parts));
}

function lookUp(lookup: Lookup): void {
  const found = lookups.run(lookup, sharedBuffers());
  const parts = found.flatMap((result) => result?.bytes ?? []);
  parentPort!.postMessage(found, buffersOf(parts));
}

function verify(written: Written): void {
  parentPort!.postMessage(faultOfStructure(written, cdb), []);
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
