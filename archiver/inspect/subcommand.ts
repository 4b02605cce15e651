// subcommand.ts: what a subcommand of cdbinspect is, and what it is handed.
import type { Writable } from 'node:stream';
import type { Arguments, Option } from '../../src/cli.ts';
import type { ExitCode } from '../../src/errors.ts';
import type { Progress } from '../progress.ts';
import type { SoundArchive } from '../verify.ts';

/** A stream that may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface Request {
  readonly archive: SoundArchive;
  /** As it was named on the command line. */
  readonly name: string;
  /** The argument after the archive; '' when there is none. */
  readonly operand: string;
  readonly given: Arguments;
  readonly out: Output;
  /** Opens a further archive, as this one was. */
  open(path: string): SoundArchive;
  /** Ended before anything is written to `out`. */
  readonly progress: Progress;
}

export interface Subcommand {
  readonly name: string;
  /** What follows the archive, as usage has it; in brackets: may be left out; '': nothing. */
  readonly operand: string;
  readonly options: readonly Option[];
  /** What it does, in a few words. */
  readonly help: string;
  readonly examples: readonly string[];
  run(request: Request): Promise<ExitCode> | ExitCode;
}
