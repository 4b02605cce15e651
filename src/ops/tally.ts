// tally.ts: how often each event was said: what the log tells and what is counted is the same.
import type { EventName } from '../events.ts';
import type { Log } from '../log.ts';

export interface Tally {
  /** Says everything to the log it was made of. */
  readonly log: Log;
  count(name: EventName): number;
}

export function tallyOf(log: Log): Tally {
  const counts = new Map<EventName, number>();
  const count = (name: EventName): number => counts.get(name) ?? 0;
  const event: Log['event'] = (name, text) => {
    counts.set(name, count(name) + 1);
    log.event(name, text);
  };
  return { log: { ...log, event }, count };
}
