// start.mjs: serves the project's own site on :8080; arguments are passed on to cdbserve.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { root, runScript, say } from './terminal.mjs';

await runScript(import.meta.url, (args) => {
  const listens = args.some((argument) => /^--listen(=|$)/.test(argument));
  const { HOST = '', PORT = '8080' } = process.env;
  const line = ['dist/site.cdb', ...(listens ? [] : ['--listen', `${HOST}:${PORT}`]), ...args];
  say(`start: cdbserve ${line.join(' ')}`);
  const server = spawn(process.execPath, [join('dist', 'src', 'cdbserve.js'), ...line], {
    cwd: root,
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => server.kill(signal));
  server.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
});
