// kept_log.ts: a log whose lines a test looks at.
import { EVENTS } from '../../src/events.ts';
import type { Log } from '../../src/log.ts';

/** `keep` gets them as they would be without --verbose, but for the name of the program. */
export function keptLog(keep: (line: string) => void): Log {
  return {
    event: (name, text) => {
      if (EVENTS[name].level !== 'detail') keep(`${name}: ${text}`);
    },
    info: keep,
    warn: keep,
    relay: keep,
  };
}
