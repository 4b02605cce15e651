// node_version.ts: ends a command on a Node that is too old for it, in a line and not with a trace.
//
// In words that Node 12 reads, and it imports nothing: whatever a command imports is read, and its
// syntax refused, before the first line of the command runs.

/** As `engines` of package.json has it. */
const MAJOR_MIN = 20;
const MINOR_MIN = 19;
/** EXIT.failure. */
const EXIT_CODE = 1;

/** Undefined: nothing is wrong. `version`: as `process.versions.node`; `path`: of that Node. */
export function nodeFault(version: string, path: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > MAJOR_MIN || (major === MAJOR_MIN && minor >= MINOR_MIN)) return undefined;
  const needed = `${MAJOR_MIN}.${MINOR_MIN}`;
  return (
    `this is Node ${version} (${path}), and Node ${needed} or later is needed. ` +
    'Install one from NodeSource or nodejs.org, and put it first in PATH.'
  );
}

/** `load` imports the main of the command, which does all the rest. */
export function startOnNode(program: string, load: () => Promise<unknown>): void {
  const fault = nodeFault(process.versions.node, process.execPath);
  if (fault === undefined) {
    void load();
    return;
  }
  process.stderr.write(`${program}: ${fault}\n`);
  process.exitCode = EXIT_CODE;
}
