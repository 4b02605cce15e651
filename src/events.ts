// events.ts: what a service says of its own life: one name for each kind of line, to search for.
//
// A name is never used again for something else; the text behind it may change.

export interface Event {
  /**
   * 'warning': on standard error; 'notice': on standard output, not with --quiet; 'detail': there
   * with --verbose alone.
   */
  readonly level: 'warning' | 'notice' | 'detail';
  /** For docs/guide/monitoring.md. */
  readonly when: string;
  readonly fields: string;
}

function event(level: Event['level'], when: string, fields: string): Event {
  return { level, when, fields };
}

export const EVENTS = {
  started: event(
    'notice',
    'it serves',
    'version, files, bytes, addresses, workers, what protects them and what does not',
  ),
  loaded: event(
    'detail',
    'behind `started`',
    'files, bytes, digest, milliseconds to verify it and until workers were ready',
  ),
  'reload-at-risk': event('warning', 'it serves, and a reload would fail', 'why, remedy'),
  reloading: event('detail', 'SIGHUP, or another file with `--watch`', 'path'),
  reloaded: event('notice', 'the new archive is served', 'as `loaded`'),
  'not-reloaded': event('warning', 'the new archive is not served, the old one is', 'why, remedy'),
  'worker-started': event('detail', 'a worker is ready', 'worker, pid'),
  'worker-ended': event('warning', 'a worker died, was killed', 'worker, pid, status or signal'),
  'worker-replaced': event('warning', 'another is there in its place', 'worker, pid'),
  'worker-weaker': event(
    'warning',
    'a worker has less protection than the first',
    'worker, what is missing',
  ),
  'worker-stuck': event('warning', 'a worker takes no turns: the watchdog is not fed', 'pid'),
  'manager-lost': event('warning', 'the service manager cannot be told', 'errno'),
  'access-log-failed': event(
    'warning',
    'the access log cannot be written, at most once a minute',
    'file, errno, remedy',
  ),
  'access-log-works': event('warning', 'it can be written again', 'file'),
  'access-log-lost': event(
    'warning',
    'answers are not in the access log, at most once a minute',
    'how many since the line before',
  ),
  'access-log-damaged': event(
    'warning',
    'a worker left records that make no sense, at most once a minute',
    'what it may mean',
  ),
  'access-log-reopened': event('detail', 'SIGHUP', 'file'),
  'access-log-kept': event('warning', 'the file could not be opened again', 'why, remedy'),
  draining: event('notice', 'SIGTERM', 'the times it may take'),
  ending: event('notice', 'SIGINT, or a second SIGTERM: it ends at once', 'signal'),
  ended: event('notice', 'the last worker is gone', 'seconds since the start'),
} as const satisfies Readonly<Record<string, Event>>;

export type EventName = keyof typeof EVENTS;
