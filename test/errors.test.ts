// errors.test.ts: how a command ends: exit codes, and what stands on standard error.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXIT, Failure } from '../src/errors.ts';
import { packageRoot } from '../src/paths.ts';
import { runCommand, temporaryFolder } from './support/site.ts';
import type { Ended } from './support/site.ts';

const built = pathToFileURL(join(packageRoot, 'dist', 'src', 'errors.js')).href;
const folder = temporaryFolder();

function runMain(main: string): Promise<Ended> {
  const path = join(folder, 'main.mjs');
  const source = `import { EXIT, Failure, runMain } from ${JSON.stringify(built)};\n`;
  writeFileSync(path, `${source}await runMain('tool', ${main});\n`);
  return runCommand(process.execPath, [path]);
}

test('exit codes are told apart', () => {
  const codes = Object.values(EXIT);
  expect(new Set(codes).size).toBe(codes.length);
  expect(EXIT).toMatchObject({ ok: 0, failure: 1, usage: 2, archiveRefused: 3, cannotBind: 5 });
});

test('a Failure keeps its message, code and cause', () => {
  const cause = new Error('EACCES');
  const failure = new Failure(EXIT.cannotBind, 'cannot bind.', { cause });
  expect(failure).toBeInstanceOf(Error);
  expect([failure.name, failure.message, failure.exitCode, failure.cause]).toEqual([
    'Failure',
    'cannot bind.',
    5,
    cause,
  ]);
});

test('what main gives is the exit code', async () => {
  expect(await runMain('() => 6')).toEqual({ code: 6, stdout: '', stderr: '' });
  expect(await runMain('async () => EXIT.ok')).toEqual({ code: 0, stdout: '', stderr: '' });
});

test.each(['() => { throw FAILURE; }', 'async () => { throw FAILURE; }'])(
  'a Failure is one line and its code: %s',
  async (main) => {
    const failure = "new Failure(EXIT.archiveRefused, 'x.cdb: refused. Copy it again.')";
    expect(await runMain(main.replace('FAILURE', failure))).toEqual({
      code: 3,
      stdout: '',
      stderr: 'tool: x.cdb: refused. Copy it again.\n',
    });
  },
);

test('anything else is our bug, with its stack', async () => {
  const { code, stderr } = await runMain("() => { throw new TypeError('odd'); }");
  expect(code).toBe(70);
  expect(stderr).toMatch(/^tool: internal error, please report it:\nTypeError: odd\n {4}at /);
  expect((await runMain("() => { throw 'text'; }")).stderr).toContain('report it:\ntext\n');
});

test('a main that waits for nothing any more is our bug too', async () => {
  const { code, stderr } = await runMain('() => new Promise(() => undefined)');
  expect(stderr).toMatch(/^tool: internal error, please report it:\nnothing is left to wait for/);
  expect(code).toBe(70);
});
