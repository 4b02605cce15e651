// pack.ts: cdbpack from arguments to exit code.
import { performance } from 'node:perf_hooks';
import { statSync } from 'node:fs';
import { parseArguments, usage, usageFailure } from '../src/cli.ts';
import { EXIT } from '../src/errors.ts';
import type { ExitCode } from '../src/errors.ts';
import { version } from '../src/paths.ts';
import { follow } from './follow.ts';
import { COMMAND, readOptions } from './options.ts';
import type { PackOptions, Surroundings } from './options.ts';
import { decide, findFiles, makeArchive } from './packing.ts';
import { Pool } from './pool.ts';
import { startProgress } from './progress.ts';
import type { Progress, Screen } from './progress.ts';
import { planJson, planText, summaryJson, summaryText } from './summary.ts';
import { attempt, checkTarget, isOutputOf } from './temporary.ts';
import { printable } from './text.ts';
import { noteLine, warningLines } from './warnings.ts';

export interface Terminal extends Surroundings {
  readonly out: Screen;
  readonly err: Screen;
}

const NO_SCREEN: Screen = { write: () => undefined };

/** Throws a Failure; the target is then as it was. */
export async function pack(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(COMMAND, argv);
  if (given.has('--help')) return say(terminal, usage(COMMAND));
  if (given.has('--version')) return say(terminal, `cdbpack ${version}\n`);
  const options = readOptions(given, terminal);
  const screen = options.quiet ? NO_SCREEN : terminal.err;
  const progress = startProgress(screen, terminal.env['TERM']);
  const reader = new Pool(1);
  // It gets ready while the site is looked through.
  if (!options.plan) reader.warm();
  try {
    return await packSites(options, progress, terminal, reader);
  } finally {
    progress.end();
    await reader.close();
  }
}

async function packSites(
  options: PackOptions,
  progress: Progress,
  terminal: Terminal,
  reader: Pool,
): Promise<ExitCode> {
  const started = performance.now();
  checkOut(options);
  const target = checkTarget(options.out);
  progress.phase('scanning');
  const found = findFiles(options, {
    isOutput: isOutputOf(target),
    onFolder: () => undefined,
    onFound: () => progress.step(0),
  });
  const decided = decide(options, found);
  const { plan, headers, warnings } = decided;
  progress.end();
  terminal.err.write(warningLines(warnings));
  const code = options.strict && warnings.length > 0 ? EXIT.strictFound : EXIT.ok;
  if (options.plan) {
    const show = options.json ? planJson : planText;
    say(terminal, show(plan, warnings, headers));
    return code;
  }
  if (code !== EXIT.ok) {
    terminal.err.write('cdbpack: --strict: nothing is written because of the warnings above.\n');
    return code;
  }
  const { watch, slowest } = follow(progress, options.verbose);
  const note = (text: string) => void (options.quiet || terminal.err.write(noteLine(text)));
  const report = await makeArchive(decided, options, {
    target,
    watch,
    reader,
    durable: true,
    note,
  });
  progress.end();
  const seconds = (performance.now() - started) / 1000;
  const packed = { out: options.out, report, warnings, slowest, seconds };
  if (options.json) say(terminal, summaryJson(packed));
  else if (!options.quiet) say(terminal, summaryText(packed));
  return EXIT.ok;
}

/** A folder as the only argument beside --host is meant as SITE, and would be taken for OUT. */
function checkOut({ sites, out }: PackOptions): void {
  const alone = sites.every(({ host }) => host !== '');
  const isFolder = () => statSync(out, { throwIfNoEntry: false })?.isDirectory();
  if (!alone || !attempt(out, isFolder)) return;
  const text = `${printable(out)} is a folder, and beside --host a single argument is OUT.cdb.`;
  throw usageFailure(COMMAND, `${text} To pack it as the default site, name SITE and OUT.cdb.`);
}

function say(terminal: Terminal, text: string): ExitCode {
  terminal.out.write(text);
  return EXIT.ok;
}
