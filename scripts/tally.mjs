// tally.mjs: reads from each suite how many tests passed and failed.

/** @typedef {{ assertionResults: { status: string }[] }} FileReport */

/**
 * Vitest's JSON report. A skipped test counts as failed, and so does a file that did not load, and
 * a run that ends badly though every test passed.
 * @param {{ testResults: FileReport[] } | undefined} report
 * @param {number} code exit code
 */
export function tallyVitest(report, code) {
  if (report === undefined) return { passed: 0, failed: 1 };
  const all = report.testResults.map((file) => tallyFile(file));
  const passed = all.reduce((sum, file) => sum + file.passed, 0);
  const failed = all.reduce((sum, file) => sum + file.failed, 0);
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed };
}

/** @param {FileReport} file */
export function tallyFile(file) {
  const passed = file.assertionResults.filter((test) => test.status === 'passed').length;
  const others = file.assertionResults.length - passed;
  return { passed, failed: passed + others === 0 ? 1 : others };
}

/**
 * A suite that says `N passed, N failed` last; one that does not counts as one test, by its exit
 * code.
 * @param {string} output
 * @param {number} code exit code
 */
export function tallyOutput(output, code) {
  const line = [...output.matchAll(/(\d+) passed, (\d+) failed/g)].at(-1);
  if (line === undefined) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
  const failed = Number(line[2]);
  return { passed: Number(line[1]), failed: failed === 0 && code !== 0 ? 1 : failed };
}
