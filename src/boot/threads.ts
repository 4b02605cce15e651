// threads.ts: waits until the threads that Node starts have started.
//
// A thread begins with all signals blocked and a few system calls that no stage allows: a filter in
// that moment would kill the process and nobody could say why.
import { readFileSync, readdirSync } from 'node:fs';

const TASKS = '/proc/self/task';
const LOOK_EVERY_MS = 1;
/** In a row, with every other thread asleep. */
const LOOKS = 3;
const PATIENCE_MS = 2_000;
/** Without a /proc to look into: threads begin in a tenth of it, on a busy disk later. */
const BLIND_WAIT_MS = 100;

const bell = new Int32Array(new SharedArrayBuffer(4));

function sleep(milliseconds: number): void {
  Atomics.wait(bell, 0, 0, milliseconds);
}

export function waitForThreads(): void {
  const last = performance.now() + PATIENCE_MS;
  for (let looks = 0; looks < LOOKS && performance.now() < last;) {
    const awake = threadsAwake();
    if (awake === undefined) return sleep(BLIND_WAIT_MS);
    looks = awake === 0 ? looks + 1 : 0;
    sleep(LOOK_EVERY_MS);
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
