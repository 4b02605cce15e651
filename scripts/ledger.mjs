// ledger.mjs: one line per suite of the full tier, appended to test/full-ledger.jsonl.
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './terminal.mjs';

const LEDGER = 'test/full-ledger.jsonl';

/**
 * @param {string} name
 * @param {Readonly<Record<string, number | string>>} figures units in the names
 * @param {boolean} passed
 */
export function appendToLedger(name, figures, passed) {
  const line = { date: new Date().toISOString(), commit: commit(), name, figures, passed };
  appendFileSync(join(root, LEDGER), `${JSON.stringify(line)}\n`);
}

/**
 * With `-dirty` behind it when the tree is not what the commit says; the ledger itself does not
 * count.
 */
function commit() {
  const head = git('rev-parse', '--short=12', 'HEAD');
  const changes = git('status', '--porcelain', '--', '.', `:(exclude)${LEDGER}`);
  return changes === '' ? head : `${head}-dirty`;
}

function git(...args) {
  return spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout.trim();
}
