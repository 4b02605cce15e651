// cdbserve_main.ts: main of the server.
import { check } from './check.ts';
import { parseArguments, usage } from './cli.ts';
import { COMMAND, readConfig } from './config.ts';
import { EXIT, runMain } from './errors.ts';
import { openLog } from './log.ts';
import { loadWall } from './native.ts';
import { tallyOf } from './ops/tally.ts';
import { addonPath, spawnerPath, verifierBundle, version, workerBundle } from './paths.ts';
import { type PreviewConfig, readPreview } from './preview/options.ts';
import { preview } from './preview/preview.ts';
import { expectArchive, isFolder } from './subject.ts';
import { supervise } from './supervisor.ts';

await runMain(COMMAND.program, main);

async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) return print(usage(COMMAND));
  if (argv.includes('--version')) return print(`${COMMAND.program} ${version}\n`);
  const around = {
    isRoot: process.getuid?.() === 0,
    pid: process.pid,
    environment: process.env,
  };
  const given = parseArguments(COMMAND, argv);
  const [subject] = given.positionals;
  if (subject !== undefined && isFolder(subject)) {
    return showFolder(readPreview(given, around));
  }
  const config = readConfig(argv, around);
  if (config.check && !config.checked) return check(config, argv);
  expectArchive(config.archivePath);
  const addon = addonPath('wall');
  const wall = loadWall(addon);
  const bundles = { bundle: workerBundle, verifier: verifierBundle };
  const parts = { wall, addon, spawner: spawnerPath, ...bundles, version };
  await supervise(config, parts, tallyOf(openLog(COMMAND.program, config)));
  return EXIT.ok;
}

async function showFolder(config: PreviewConfig): Promise<number> {
  const wall = loadWall(addonPath('wall'));
  return preview(config, { wall, version }, openLog(COMMAND.program, config));
}

function print(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}
