// test.mjs: runs every check and suite, and ends with the line `N passed, N failed`.
//
// With --full the tests run their full counts, *.full.test.ts and the fuzzers run too, and each of
// these leaves a line in test/full-ledger.jsonl.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { appendToLedger } from './ledger.mjs';
import { tallyFile, tallyOutput, tallyVitest } from './tally.mjs';
import { root, run, runScript, say } from './terminal.mjs';

const FUZZ_SECONDS = '60';
const CHECKS = [
  ['lint', 'npm run lint'],
  ['format', 'npm run format:check'],
  ['types', 'npm run types'],
];

await runScript(import.meta.url, async (args) => {
  const full = args.includes('--full');
  const suites = [
    ...CHECKS.map(([name, line]) => [name, () => runCheck(line)]),
    ['vitest', () => runVitest(full)],
    ['native', () => runShell('native/test/run.sh', [])],
    ...(full ? [['fuzz', runFuzzers]] : []),
  ];
  const results = [];
  for (const [name, suite] of suites) {
    const [tally, seconds] = await timed(name, suite);
    results.push([name, tally, seconds]);
    if (full) recordSuite(name, tally, seconds);
  }
  say('');
  for (const [name, tally, seconds] of results) {
    say(`test: ${name}: ${tally.passed} passed, ${tally.failed} failed, ${seconds.toFixed(1)} s`);
  }
  const passed = results.reduce((sum, [, tally]) => sum + tally.passed, 0);
  const failed = results.reduce((sum, [, tally]) => sum + tally.failed, 0);
  say(`${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
});

async function timed(name, suite) {
  say(`test: ${name}`);
  const start = performance.now();
  const tally = await suite();
  return [tally, (performance.now() - start) / 1000];
}

function runCheck(line) {
  const [, , script] = line.split(' ');
  const npm = process.env.npm_execpath;
  const silent = ['run', '--silent', script];
  const code = npm ? run(process.execPath, [npm, ...silent]) : run('npm', silent);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
}

function runVitest(full) {
  const folder = mkdtempSync(join(tmpdir(), 'cdbserve-test-'));
  try {
    const path = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${path}`];
    const code = run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...reporters], {
      env: { CDBSERVE_FULL: full ? '1' : '' },
    });
    const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
    if (full) for (const file of report?.testResults ?? []) recordFile(file);
    return tallyVitest(report, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function recordSuite(name, { passed, failed }, seconds) {
  const figures = { passed, failed, seconds: Math.round(seconds) };
  appendToLedger(`suite ${name}`, figures, failed === 0);
}

function recordFile(file) {
  const name = relative(root, file.name);
  if (!name.endsWith('.full.test.ts')) return;
  const { passed, failed } = tallyFile(file);
  const seconds = Math.round((file.endTime - file.startTime) / 100) / 10;
  appendToLedger(name, { tests_passed: passed, tests_failed: failed, seconds }, failed === 0);
}

async function runFuzzers() {
  const start = performance.now();
  const tally = await runShell('native/fuzz/run.sh', [FUZZ_SECONDS]);
  const seconds = Math.round((performance.now() - start) / 1000);
  const figures = { fuzzers_passed: tally.passed, fuzzers_failed: tally.failed, seconds };
  appendToLedger('native/fuzz', figures, tally.failed === 0);
  return tally;
}

/** Shows what the script prints while it runs, and counts from it. */
async function runShell(script, args) {
  const child = spawn('bash', [script, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text) => {
    output += text;
    process.stdout.write(text);
  });
  const code = await new Promise((resolve) => child.on('close', (status) => resolve(status ?? -1)));
  return tallyOutput(output, code);
}
