// errors.ts: the one table of exit codes and the error an operator reads.
//
// What a stranger sends is never a Failure; a Failure says what was tried, on what, the likely
// cause, the remedy.

export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  archiveRefused: 3,
  sandboxUnavailable: 4,
  cannotBind: 5,
  strictFound: 6,
  bug: 70,
} as const;

/** For the manual. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'Everything went well.',
  failure: 'It failed: input that cannot be read, a disk that is full, a service that broke down.',
  usage: 'The command line is wrong.',
  archiveRefused: 'The archive was refused: it is damaged, or no archive.',
  sandboxUnavailable: 'A protection that must be there is not; cdbserve --check says which.',
  cannotBind: 'An address cannot be listened on.',
  strictFound: 'cdbpack --strict found something, and nothing was written.',
  bug: 'A fault of the program itself, with a trace. Please report it.',
};

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export class Failure extends Error {
  readonly exitCode: ExitCode;

  /** `message` is whole sentences: what was tried on what; the likely cause; the remedy. */
  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}

/** Sentences of a Failure: the kernel took no filter, of stage load, of the supervisor ... */
export function filterRefused(whose: string, what: string): string {
  return (
    `the system call filter of ${whose} was refused: ${what}. Either the kernel has no ` +
    'CONFIG_SECCOMP_FILTER, or a sandbox around this one forbids seccomp(2); allow it there. ' +
    'Without any protection: --sandbox off.'
  );
}

/**
 * Runs a main, prints a Failure as one line and anything else as our bug, and gives the exit code.
 */
export async function runMain(
  program: string,
  main: () => Promise<number> | number,
): Promise<void> {
  const unsettled = (): void => {
    process.exitCode = report(program, 'nothing is left to wait for, and it is not done');
  };
  process.once('beforeExit', unsettled);
  try {
    process.exitCode = await main();
  } catch (error) {
    process.exitCode = report(program, error);
  }
  process.off('beforeExit', unsettled);
}

function report(program: string, error: unknown): ExitCode {
  if (error instanceof Failure) {
    process.stderr.write(`${program}: ${error.message}\n`);
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${program}: internal error, please report it:\n${text}\n`);
  return EXIT.bug;
}
