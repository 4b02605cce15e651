// interrupt.test.ts: what is half done is undone before a signal ends the process.
import { expect, test } from 'vitest';
import { onInterrupt } from '../../archiver/interrupt.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const listeners = () => SIGNALS.map((signal) => process.listenerCount(signal));

test('it listens until it is told not to, once or twice', () => {
  const before = listeners();
  const stop = onInterrupt(() => undefined);
  expect(listeners()).toEqual(before.map((count) => count + 1));
  stop();
  stop();
  expect(listeners()).toEqual(before);
});

test('a signal undoes, then does what it does without us', async () => {
  let undone = 0;
  onInterrupt(() => undone++);
  const before = listeners();
  const arrived = new Promise((resolve) => process.on('SIGHUP', resolve));
  process.kill(process.pid, 'SIGHUP');
  await arrived;
  expect(undone).toBe(1);
  // It was sent on to whoever is left, and that is not us.
  expect(listeners()[0]).toBe(before[0]! - 1);
  await new Promise((resolve) => process.once('SIGHUP', resolve));
  process.removeAllListeners('SIGHUP');
  expect(undone).toBe(1);
});
