// log.test.ts: which line goes where.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/paths.ts';

test.each([
  [false, 'shelve 3 books\n'],
  [true, ''],
])(
  'quiet %s: what is served is on standard output, what went wrong on standard error',
  (quiet, stdout) => {
    expect(log(quiet)).toEqual([stdout, 'shelve: a book fell\n']);
  },
);

function log(quiet: boolean): readonly string[] {
  const built = pathToFileURL(join(packageRoot, 'dist', 'src', 'log.js')).href;
  const program = [
    `import { openLog } from '${built}';`,
    `const log = openLog('shelve', ${quiet});`,
    "log.info('3 books');",
    "log.warn('a book fell');",
  ];
  const args = ['--input-type=module', '-e', program.join('\n')];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return [stdout, stderr];
}
