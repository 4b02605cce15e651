// errors.test.ts: what an operator sees of a failure, and what of a bug.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { EXIT } from '../src/errors.ts';
import { packageRoot } from '../src/paths.ts';

const built = pathToFileURL(join(packageRoot, 'dist', 'src', 'errors.js')).href;

test('what main returns is the exit code', () => {
  expect(run('() => 6')).toEqual({ status: 6, stdout: '', stderr: '' });
  expect(run('async () => 0')).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('a Failure is one line and its own exit code', () => {
  const main = "() => { throw new Failure(EXIT.cannotBind, 'cannot bind :80. Try :8080.'); }";
  const stderr = 'shelve: cannot bind :80. Try :8080.\n';
  expect(run(main)).toEqual({ status: EXIT.cannotBind, stdout: '', stderr });
});

test.each(["new TypeError('no book')", "'no book'"])('%s is our bug: exit 70', (thrown) => {
  const { status, stderr } = run(`async () => { throw ${thrown}; }`);
  expect(status).toBe(EXIT.bug);
  expect(stderr).toMatch(/^shelve: internal error, please report it:\n.*no book/);
});

test('exit codes differ', () => {
  expect(new Set(Object.values(EXIT)).size).toBe(Object.keys(EXIT).length);
});

function run(main: string) {
  const program = `import { EXIT, Failure, runMain } from '${built}'; await runMain('shelve', ${main});`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  return { status: child.status, stdout: child.stdout, stderr: child.stderr };
}
