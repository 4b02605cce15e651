// terminal.mjs: what the scripts print, and how they run other programs.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What a person has to do something about: printed without a stack. */
export class Trouble extends Error {}

export function say(line) {
  process.stdout.write(`${line}\n`);
}

/**
 * Runs a program in the root folder, its output on ours, and gives its exit code; -1: it did not
 * start.
 */
export function run(command, args, options = {}) {
  const { env, ...others } = options;
  const child = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
    ...others,
  });
  if (child.error) process.stderr.write(`${command}: ${child.error.message}\n`);
  return child.status ?? -1;
}

/**
 * Runs `main` when `url` is the script that was started; a Trouble becomes one message and exit
 * code 1.
 */
export async function runScript(url, main) {
  if (process.argv[1] === undefined || fileURLToPath(url) !== process.argv[1]) return;
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
