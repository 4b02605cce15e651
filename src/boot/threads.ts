// threads.ts: waits until the threads that Node starts have started.
//
// A thread begins with all signals blocked and a few system calls that no stage allows: a filter in
// that moment would kill the process and nobody could say why.
import { readFileSync, readdirSync } from 'node:fs';
import type { WallAddon } from '../native.ts';

const TASKS = '/proc/self/task';
const LOOK_EVERY_MS = 1;
/** In a row, with every other thread asleep. */
const LOOKS = 3;
const PATIENCE_MS = 2_000;
/** Without a /proc to look into: from a thread's first call until it has its signals back. */
const BLIND_WAIT_MS = 10;

const bell = new Int32Array(new SharedArrayBuffer(4));

function sleep(milliseconds: number): void {
  Atomics.wait(bell, 0, 0, milliseconds);
}

export function waitForThreads(wall: Pick<WallAddon, 'threadsBeginning'>): void {
  if (threadsAwake() !== undefined) return waitUntilNone(() => threadsAwake() ?? 0);
  waitUntilNone(() => wall.threadsBeginning());
  sleep(BLIND_WAIT_MS);
}

function waitUntilNone(count: () => number): void {
  const last = performance.now() + PATIENCE_MS;
  for (let looks = 0; looks < LOOKS && performance.now() < last; sleep(LOOK_EVERY_MS)) {
    looks = count() === 0 ? looks + 1 : 0;
  }
}

/** Other threads that are not in an interruptible wait, as proc_pid_stat(5) has it. */
export function threadsAwake(): number | undefined {
  try {
    const others = readdirSync(TASKS).filter((thread) => Number(thread) !== process.pid);
    const states = others.map((thread) => {
      const stat = readFileSync(`${TASKS}/${thread}/stat`, 'latin1');
      return stat.charAt(stat.lastIndexOf(')') + 2);
    });
    return states.filter((state) => state !== 'S').length;
  } catch {
    return undefined;
  }
}
