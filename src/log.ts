// log.ts: lines for the operator: what is served on standard output, what went wrong on standard
// error.

export interface Log {
  /** The start line, and what --verbose adds. */
  info(line: string): void;
  warn(line: string): void;
  /** What a worker wrote on its standard error. */
  relay(line: string): void;
}

export function openLog(program: string, quiet: boolean): Log {
  return {
    info: (line) => void (quiet || process.stdout.write(`${program} ${line}\n`)),
    warn: (line) => void process.stderr.write(`${program}: ${line}\n`),
    relay: (line) => void process.stderr.write(`${line}\n`),
  };
}
