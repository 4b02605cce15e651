// threads.test.ts: a process at rest is seen to be at rest, a busy one is waited for.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addonPath, packageRoot } from '../../src/paths.ts';

/** Runs in a process of its own: the threads of a test runner never rest. */
function run(body: string): number {
  const url = `file://${join(packageRoot, 'dist', 'src', 'boot', 'threads.js')}`;
  const program = `
    import { pbkdf2 } from 'node:crypto';
    import { threadsAwake, waitForThreads } from ${JSON.stringify(url)};
    const { exports: wall } = (() => { const module = { exports: {} };
      process.dlopen(module, ${JSON.stringify(addonPath('wall'))}); return module; })();
    ${body}
    process.exit(0);
  `;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 10_000,
  });
  expect(child.stderr.toString()).toBe('');
  return Number.parseFloat(child.stdout.toString());
}

test('a process that does nothing soon rests', () => {
  const took = `const start = performance.now(); waitForThreads(wall);
    if (threadsAwake() !== 0) throw new Error('awake');
    process.stdout.write(String(performance.now() - start));`;
  expect(run(took)).toBeLessThan(1_500);
});

test('a thread at work is waited for', () => {
  const busy = `
    pbkdf2('a', 'b', 2_000_000, 64, 'sha512', () => undefined);
    const start = performance.now();
    waitForThreads(wall);
    process.stdout.write(String(performance.now() - start));`;
  expect(run(busy)).toBeGreaterThan(300);
});

test('of the threads of a process at rest none is beginning', () => {
  const count = `const last = performance.now() + 5_000;
  let beginning = wall.threadsBeginning();
  while (beginning > 0 && performance.now() < last) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    beginning = wall.threadsBeginning();
  }
  process.stdout.write(String(beginning));`;
  expect(run(count)).toBe(0);
});
