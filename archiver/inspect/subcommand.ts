// subcommand.ts: the shape of one cdbinspect subcommand.
import type { Writable } from 'node:stream';
import type { Arguments, Option } from '../../src/cli.ts';
import type { ExitCode } from '../../src/errors.ts';
import type { SoundArchive } from '../verify.ts';

export interface Request {
  readonly archive: SoundArchive;
  /** As it was named on the command line. */
  readonly name: string;
  /** The argument after the archive; '' for subcommands that take none. */
  readonly path: string;
  readonly given: Arguments;
  readonly out: Writable & { readonly columns?: number };
}

export interface Subcommand {
  readonly name: string;
  /** Whether a path follows the archive. */
  readonly takesPath: boolean;
  readonly options: readonly Option[];
  /** What it does, in a few words. */
  readonly help: string;
  run(request: Request): Promise<ExitCode> | ExitCode;
}

export const JSON_OPTION: Option = { flag: '--json', help: 'print JSON' };
