// cdbpack_main.ts: main of cdbpack.
import { runMain } from '../src/errors.ts';
import { pack } from './pack.ts';
import { endQuietlyOnClosedPipe } from './pipe.ts';
import { optimizeLater } from './tiering.ts';

optimizeLater();
endQuietlyOnClosedPipe(process.stdout);
await runMain('cdbpack', () =>
  pack(process.argv.slice(2), {
    out: process.stdout,
    err: process.stderr,
    env: process.env,
    now: Math.floor(Date.now() / 1000),
  }),
);
