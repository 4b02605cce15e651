// cdbinspect_main.ts: main of cdbinspect.
import { runMain } from '../src/errors.ts';
import { inspect } from './inspect.ts';
import { endQuietlyOnClosedPipe } from './pipe.ts';
import { optimizeLater } from './tiering.ts';

optimizeLater();
endQuietlyOnClosedPipe(process.stdout);
await runMain('cdbinspect', () => {
  const { argv, stdout: out, stderr: err, env } = process;
  return inspect(argv.slice(2), { out, err, env });
});
