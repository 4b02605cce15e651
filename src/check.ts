// check.ts: cdbserve --check: starts the service, looks at it from outside, says what holds, ends
// it.
import { type ChildProcess, spawn } from 'node:child_process';
import { release } from 'node:os';
import { CHECKED, type Config } from './config.ts';
import { EXIT, type ExitCode } from './errors.ts';
import { inspect } from './ops/inspect.ts';
import { exitOf } from './ops/judge.ts';
import { type Inspected, type Report, formatJson, formatTable } from './ops/report.ts';
import { type Told, findTold } from './ops/told.ts';
import { version } from './paths.ts';

/** What the service said before it told, or instead. */
interface Output {
  stdout: string;
  stderr: string;
}

/** Gives the exit code: that of a start that fails, else what the protections are worth. */
export async function check(config: Config, argv: readonly string[]): Promise<number> {
  const service = start(argv);
  const output: Output = { stdout: '', stderr: '' };
  const ended = new Promise<number>((resolve, reject) => {
    service.on('error', reject);
    service.on('close', (code) => resolve(code ?? EXIT.failure));
  });
  const told = await hear(service, output);
  const found = told && { processes: inspect(config, service.pid!, told) };
  service.stdin!.end();
  const code = await ended;
  const report = reportOf(config, found?.processes, code as ExitCode, output.stderr);
  process.stderr.write(output.stderr);
  process.stdout.write(config.json ? formatJson(report) : formatTable(report, config.verbose));
  return report.exitCode;
}

/** The same command, which knows that it is looked at. Ends when its standard input does. */
function start(argv: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...argv], {
    env: { ...process.env, [CHECKED]: '1' },
    stdio: 'pipe',
  });
}

/** Undefined: it ended before. */
function hear(service: ChildProcess, output: Output): Promise<Told | undefined> {
  service.stderr!.on('data', (bytes: Buffer) => (output.stderr += bytes.toString()));
  return new Promise((resolve) => {
    service.stdout!.on('data', (bytes: Buffer) => {
      output.stdout += bytes.toString();
      const told = findTold(output.stdout);
      if (told) resolve(told);
    });
    service.stdout!.on('close', () => resolve(undefined));
  });
}

function reportOf(
  config: Config,
  processes: readonly Inspected[] | undefined,
  code: ExitCode,
  errors: string,
): Report {
  const rows = (processes ?? []).flatMap(({ protections }) => protections);
  return {
    version,
    kernel: release(),
    node: process.version,
    startedAsRoot: process.getuid?.() === 0,
    sandbox: config.sandbox,
    lockdown: config.lockdown,
    exitCode: processes === undefined || code !== EXIT.ok ? code : exitOf(rows, config.sandbox),
    ...(processes === undefined && { failure: errors.trim() }),
    processes: processes ?? [],
  };
}
