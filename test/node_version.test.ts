// node_version.test.ts: each command on a Node that is too old for it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { platformFault } from '../scripts/needs.mjs';
import { EXIT } from '../src/errors.ts';
import { nodeFault } from '../src/node_version.ts';
import { packageRoot } from '../src/paths.ts';
import { runCommand, temporaryFolder } from './support/site.ts';

const COMMANDS = ['src/cdbserve', 'archiver/cdbpack', 'archiver/cdbinspect'];
const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  readonly engines: { readonly node: string };
};

const versions: [string, boolean][] = [
  ['20.19.0', true],
  ['20.20.2', true],
  ['22.0.0', true],
  ['100.0.0', true],
  ['20.18.9', false],
  ['20.9.0', false],
  ['18.20.4', false],
  ['12.22.9', false],
  ['0.12.18', false],
];

test.each(versions)('Node %s will do: %s, for npm, its script and the commands', (node, fine) => {
  expect(manifest.engines.node).toBe('>=20.19');
  expect(nodeFault(node, '/bin/node') === undefined).toBe(fine);
  const machine = { platform: 'linux', arch: 'x64', versions: { node } };
  expect(platformFault(machine) === undefined).toBe(fine);
});

test.each(COMMANDS)('%s: one line says what is there, what is needed, what to do', async (name) => {
  const hook = join(temporaryFolder(), 'old.cjs');
  writeFileSync(
    hook,
    "Object.defineProperty(process, 'versions', { value: { node: '18.20.4' } });\n",
  );
  const program = join(packageRoot, 'dist', `${name}.js`);
  const ended = await runCommand(process.execPath, ['--require', hook, program, '--version']);
  const said =
    `this is Node 18.20.4 (${process.execPath}), and Node 20.19 or later is needed. ` +
    'Install one from NodeSource or nodejs.org, and put it first in PATH.';
  const stderr = `${name.replace(/.*\//, '')}: ${said}\n`;
  expect(ended).toEqual({ code: EXIT.failure, stdout: '', stderr });
});

test('nothing else is read before that, and by words that are as old', () => {
  const shared = readFileSync(join(packageRoot, 'dist/src/node_version.js'), 'utf8');
  expect(importsOf(shared)).toEqual([]);
  expect(shared).not.toMatch(/\?\?|\?\.|^await /m);
  for (const name of COMMANDS) {
    const entry = readFileSync(join(packageRoot, `dist/${name}.js`), 'utf8');
    expect(importsOf(entry)).toEqual([expect.stringMatching(/\/node_version\.js$/)]);
    expect(entry).not.toMatch(/\?\?|\?\.|^await /m);
  }
});

function importsOf(text: string): (string | undefined)[] {
  return [...text.matchAll(/^(?:import|export)\b.*['"](.*)['"]/gm)].map(([, path]) => path);
}
