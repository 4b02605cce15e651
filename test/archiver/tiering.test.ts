// tiering.test.ts: what runs a few thousand times is not optimized, what runs for longer is.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/paths.ts';
import { runCommand } from '../support/site.ts';

const module = pathToFileURL(join(packageRoot, 'dist', 'archiver', 'tiering.js')).href;
const LATER = `import { optimizeLater } from ${JSON.stringify(module)};\noptimizeLater();`;

/** Calls a function so often, and gives V8 time to be done with it. */
const PROGRAM = `
const calls = Number(process.env.CALLS);
function probed(value) {
  let sum = value;
  for (let i = 0; i < 10; i++) sum = (sum * 31 + i) % 65_537;
  return sum;
}
let state = 1;
function turn(left) {
  for (let i = 0; i < 100; i++) state = probed(state);
  if (left > 100) setImmediate(turn, left - 100);
  else setTimeout(() => console.log('done', state), 500);
}
turn(calls);`;

async function isOptimized(calls: number, before = ''): Promise<boolean> {
  const program = ['--trace-opt', '--input-type=module', '--eval', before + PROGRAM];
  const command = [`CALLS=${calls}`, process.execPath, ...program];
  const { stdout } = await runCommand('env', command);
  expect(stdout).toMatch(/^done /m);
  return /^\[marking .*<JSFunction probed .* for optimization/m.test(stdout);
}

test('optimizing begins later, and does begin', async () => {
  expect(await isOptimized(2_000)).toBe(true);
  expect(await isOptimized(2_000, LATER)).toBe(false);
  expect(await isOptimized(200_000, LATER)).toBe(true);
});
