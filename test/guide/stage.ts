// stage.ts: runs the blocks of a page in order, on a machine that stage.sh makes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../src/paths.ts';
import { temporaryFolder } from '../support/site.ts';
import { isAsSaid } from './page.ts';
import type { Block } from './page.ts';

export interface Stage {
  /** The commands are there already; else the page has to put them on the path. */
  readonly installed: boolean;
  /** Shell commands that make the machine what the page takes for granted. */
  readonly before?: string;
  /** Files of the reader's folder. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A site of somebody who reads on. */
export const SITE: Readonly<Record<string, string>> = {
  'public/index.html': '<!doctype html><title>Home</title><link rel=stylesheet href=/style.css>\n',
  'public/about.html': '<!doctype html><title>About</title>\n',
  'public/style.css': 'body { color: black }\n',
  'public/404.html': '<!doctype html><title>Not here</title>\n',
};

const COMMANDS = { cdbpack: 'archiver', cdbserve: 'src', cdbinspect: 'archiver' };
const UNSHARE = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];

/** What is not as the page says: the block, its exit code and what it printed. Needs root. */
export async function perform(blocks: readonly Block[], stage: Stage): Promise<string[]> {
  const folder = temporaryFolder();
  prepare(folder, blocks, stage);
  const script = fileURLToPath(new URL('stage.sh', import.meta.url));
  const child = spawn('unshare', [...UNSHARE, 'bash', script, folder, packageRoot], {
    stdio: 'pipe',
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => (said += text.toString()));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  const faults = blocks.flatMap((block, index) => faultOf(folder, block, index));
  return code === 0 ? faults : [...faults, `the stage ended with ${code}: ${said}`];
}

function prepare(folder: string, blocks: readonly Block[], stage: Stage): void {
  for (const name of ['page', 'blocks', 'prefix/bin']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  chmodSync(folder, 0o755);
  for (const [name, text] of Object.entries(stage.files ?? {})) {
    mkdirSync(join(folder, 'page', name, '..'), { recursive: true });
    writeFileSync(join(folder, 'page', name), text);
  }
  if (stage.installed) {
    for (const [name, place] of Object.entries(COMMANDS)) {
      symlinkSync(join(packageRoot, 'dist', place, `${name}.js`), join(folder, 'prefix/bin', name));
    }
  }
  if (stage.before !== undefined) writeFileSync(join(folder, 'before.sh'), stage.before);
  for (const [index, block] of blocks.entries()) {
    writeFileSync(join(folder, 'blocks', `${index}.sh`), shellOf(block));
  }
  const steps = blocks.map(({ kind, inCheckout, exit }, index) => {
    const where = inCheckout ? packageRoot : join(folder, 'page');
    return `${kind === 'serve' ? 'serve' : 'run'} ${index} ${where} ${exit}\n`;
  });
  writeFileSync(join(folder, 'steps'), steps.join(''));
}

function shellOf({ kind, text, path }: Block): string {
  if (kind !== 'file') return `${text}\n`;
  return `mkdir -p "$(dirname '${path}')"\ncat >'${path}' <<'END OF FILE'\n${text}\nEND OF FILE\n`;
}

function faultOf(folder: string, block: Block, index: number): string[] {
  const out = join(folder, 'out', String(index));
  const printed = existsSync(out) ? readFileSync(out, 'utf8') : '';
  const code = existsSync(`${out}.code`) ? readFileSync(`${out}.code`, 'utf8').trim() : 'none';
  const asSaid = block.output === undefined || isAsSaid(block.output, printed);
  if (code === String(block.exit) && asSaid) return [];
  const what = code === 'none' ? 'not reached' : `exit code ${code}, it printed:\n${printed}`;
  return [`${block.section}: ${block.text}\n${what}`];
}
