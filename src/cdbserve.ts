#!/usr/bin/env node
// cdbserve.ts: main of the server.
import { check } from './check.ts';
import { usage } from './cli.ts';
import { COMMAND, readConfig } from './config.ts';
import { EXIT, runMain } from './errors.ts';
import { openLog } from './log.ts';
import { loadWall } from './native.ts';
import { addonPath, spawnerPath, verifierBundle, version, workerBundle } from './paths.ts';
import { supervise } from './supervisor.ts';

await runMain(COMMAND.program, main);

async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) return print(usage(COMMAND));
  if (argv.includes('--version')) return print(`${COMMAND.program} ${version}\n`);
  const config = readConfig(argv, {
    isRoot: process.getuid?.() === 0,
    pid: process.pid,
    environment: process.env,
  });
  if (config.check && !config.checked) return check(config, argv);
  const addon = addonPath('wall');
  const wall = loadWall(addon);
  const bundles = { bundle: workerBundle, verifier: verifierBundle };
  const parts = { wall, addon, spawner: spawnerPath, ...bundles, version };
  await supervise(config, parts, openLog(COMMAND.program, config.quiet));
  return EXIT.ok;
}

function print(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}
