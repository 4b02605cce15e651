// log.ts: lines for the operator: what is served on standard output, what went wrong on standard
// error.
import { EVENTS, type EventName } from './events.ts';

export interface Log {
  /** Of a service: `PROGRAM EVENT: text`, where and whether the table of events says. */
  event(name: EventName, text: string): void;
  /** Of a preview, to a person. */
  info(line: string): void;
  warn(line: string): void;
  /** What a worker wrote on its standard error. */
  relay(line: string): void;
}

export interface Loudness {
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** With - standard output is the access log's alone. */
  readonly accessLog?: string | undefined;
}

export function openLog(program: string, { quiet, verbose, accessLog }: Loudness): Log {
  const output = accessLog === '-' ? process.stderr : process.stdout;
  const info = (line: string): void => void (quiet || output.write(`${program} ${line}\n`));
  const warn = (line: string): void => void process.stderr.write(`${program}: ${line}\n`);
  return {
    event: (name, text) => {
      const { level } = EVENTS[name];
      if (level === 'warning') warn(`${name}: ${text}`);
      else if (level === 'notice' || verbose) info(`${name}: ${text}`);
    },
    info,
    warn,
    relay: (line) => void process.stderr.write(`${line}\n`),
  };
}
