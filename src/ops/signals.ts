// signals.ts: what an operator's signals have the service do.
import { ORDER_HEAP } from '../boot/orders.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { AccessLog } from './access_log.ts';
import type { Generations } from './generations.ts';
import type { Notifier } from './notify.ts';

export interface Obeying {
  readonly config: Config;
  readonly log: Log;
  readonly generations: Generations;
  readonly notifier: Notifier;
  readonly accessLog: AccessLog | undefined;
  /** The wait for balancers is over. */
  readonly drain: () => void;
}

/** SIGTERM drains after the wait, a second one and SIGINT end at once; SIGHUP is for new files. */
export function obeySignals(obeying: Obeying): void {
  const { config, generations, notifier, accessLog, log } = obeying;
  let draining = false;
  const kill = (signal: string): void => {
    log.event('ending', `at once, by ${signal}`);
    generations.kill();
  };
  process.on('SIGHUP', () => {
    accessLog?.reopen();
    generations.reload();
  });
  process.on('SIGINT', () => {
    notifier.stopping('ending');
    kill('SIGINT');
  });
  process.on('SIGTERM', () => {
    if (draining) return kill('a second SIGTERM');
    draining = true;
    notifier.stopping('draining');
    beginDrain(obeying);
  });
  if (config.tied) process.stdin.on('end', () => generations.kill()).resume();
  if (config.heapReport) process.on('SIGUSR2', () => generations.order(ORDER_HEAP));
}

function beginDrain({ config, generations, log, drain }: Obeying): void {
  const { drainWaitMs, drainTimeoutMs } = config;
  const times = `newcomers for ${drainWaitMs} ms, then what is under way for ${drainTimeoutMs} ms`;
  log.event('draining', `serving ${times}`);
  generations.announce();
  setTimeout(drain, drainWaitMs).unref();
}
