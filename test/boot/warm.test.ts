// warm.test.ts: what the warm-up runs, and that it leaves no trace.
import { Session } from 'node:inspector';
import { expect, test } from 'vitest';
import { warmUp } from '../../src/boot/warm.ts';
import { ask, get, page, repliesOf, serve, takeOutbox } from '../hot/harness.ts';

const ROUNDS_LEAST = 100;

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

/** How often each function of the hot zone was called while `work` ran. */
function callsDuring(work: () => void): Map<string, number> {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  work();
  const calls = new Map<string, number>();
  session.post('Profiler.takePreciseCoverage', (error, coverage) => {
    if (error) throw error;
    for (const { url, functions } of (coverage as Coverage).result) {
      const file = /src\/hot\/(\w+)\.ts/.exec(url)?.[1];
      if (file === undefined) continue;
      for (const { functionName, ranges } of functions) {
        calls.set(`${file}.${functionName}`, ranges[0]!.count);
      }
    }
  });
  session.disconnect();
  return calls;
}

serve({
  '/': page('root'),
  '/index.html': page('index'),
  '404/': { status: 404, variants: [{ body: 'missing' }] },
});

test('every kind of work of the hot zone is done many times', () => {
  const calls = callsDuring(warmUp);
  const wanted = [
    ['loop.handle', 'parse.parse', 'request.resume', 'request.suspend', 'request.forget'],
    ['fields.readField', 'frame.checkFrame', 'host.isAuthority', 'methods.methodOf'],
    ['path.readPath', 'path.decodePath', 'decide.decide', 'decide.refuse', 'archive.find'],
    ['negotiate.selectVariant', 'conditions.checkConditions', 'lookup.findFallback'],
    ['respond.sendStored', 'respond.sendCanned', 'outbox.takeRows', 'date.writeDate'],
  ].flat();
  expect(wanted.filter((name) => !((calls.get(name) ?? 0) >= ROUNDS_LEAST))).toEqual([]);
});

test('it leaves no row and no unfinished request', () => {
  warmUp();
  expect(takeOutbox()).toEqual([]);
  const answer = ask(get('/'));
  expect(repliesOf(answer).map(({ status }) => status)).toEqual([200]);
  expect(answer.finished).toBe(false);
});

test('an archive in which nothing is found will do', () => {
  serve({});
  expect(warmUp).not.toThrow();
});
