// log.test.ts: which line goes where.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/paths.ts';
import { runCommand, temporaryFolder } from './support/site.ts';

const built = pathToFileURL(join(packageRoot, 'dist', 'src', 'log.js')).href;

test.each([
  [false, 'tool is up\n'],
  [true, ''],
])('quiet: %s', async (quiet, stdout) => {
  const path = join(temporaryFolder(), 'main.mjs');
  const lines = [
    `import { openLog } from ${JSON.stringify(built)};`,
    `const log = openLog('tool', ${quiet});`,
    "log.info('is up');",
    "log.warn('worker 1 ended');",
    "log.relay('as it came');",
  ];
  writeFileSync(path, lines.join('\n'));
  const stderr = 'tool: worker 1 ended\nas it came\n';
  expect(await runCommand(process.execPath, [path])).toEqual({ code: 0, stdout, stderr });
});
