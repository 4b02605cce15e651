// log.test.ts: which line goes where.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/paths.ts';
import { runCommand, temporaryFolder } from './support/site.ts';

const built = pathToFileURL(join(packageRoot, 'dist', 'src', 'log.js')).href;

const NOTICE = 'tool is up\ntool reloaded: 2 files\n';

test.each([
  ['neither', false, false, NOTICE],
  ['verbose', false, true, `${NOTICE}tool reloading: a.cdb\n`],
  ['quiet', true, false, ''],
  ['both', true, true, ''],
])('%s', async (_, quiet, verbose, stdout) => {
  const path = join(temporaryFolder(), 'main.mjs');
  const lines = [
    `import { openLog } from ${JSON.stringify(built)};`,
    `const log = openLog('tool', ${JSON.stringify({ quiet, verbose })});`,
    "log.info('is up');",
    "log.warn('note: this');",
    "log.event('reloaded', '2 files');",
    "log.event('reloading', 'a.cdb');",
    "log.event('worker-ended', 'worker 1 ended');",
    "log.relay('as it came');",
  ];
  writeFileSync(path, lines.join('\n'));
  const stderr = 'tool: note: this\ntool: worker-ended: worker 1 ended\nas it came\n';
  expect(await runCommand(process.execPath, [path])).toEqual({ code: 0, stdout, stderr });
});

test('where standard output is that of an access log, all lines are on standard error', async () => {
  const path = join(temporaryFolder(), 'main.mjs');
  const lines = [
    `import { openLog } from ${JSON.stringify(built)};`,
    "const log = openLog('tool', { quiet: false, verbose: false, accessLog: '-' });",
    "log.event('reloaded', '2 files');",
  ];
  writeFileSync(path, lines.join('\n'));
  const stderr = 'tool reloaded: 2 files\n';
  expect(await runCommand(process.execPath, [path])).toEqual({ code: 0, stdout: '', stderr });
});
