// packing.test.ts: the steps that cdbpack and the preview of a folder have in common.
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseArguments } from '../../src/cli.ts';
import { UNWATCHED } from '../../archiver/follow.ts';
import { COMMAND, readOptions } from '../../archiver/options.ts';
import type { PackOptions } from '../../archiver/options.ts';
import { decide, findFiles, makeArchive } from '../../archiver/packing.ts';
import { Pool } from '../../archiver/pool.ts';
import { eachEntry, fieldOf, identityOf } from '../../archiver/reader.ts';
import { readHeaders } from '../../archiver/rules/headers_file.ts';
import { readLines } from '../../archiver/rules/rule_file.ts';
import { openArchive } from '../../archiver/verify.ts';
import { onEnd } from '../support/cleanup.ts';
import { NOW, makeSite } from './fixture.ts';
import type { Files } from '../support/site.ts';

const HOOKS = { isOutput: () => false, onFolder: () => undefined, onFound: () => undefined };

function optionsOf(files: Files, flags: readonly string[] = []): PackOptions {
  const site = makeSite(files);
  const argv = [site, join(dirname(site), 'site.cdb'), '--compress=none', ...flags];
  return readOptions(parseArguments(COMMAND, argv), { env: {}, now: NOW });
}

test('what is found, decided and made', async () => {
  const options = optionsOf({
    'index.html': 'x',
    'a\\b': '',
    _headers: '/*\n  X-Own: 1\n/nothing',
  });
  const found = findFiles(options, HOOKS);
  expect([...found.files].map(({ path }) => path)).toEqual(['index.html']);
  const last = readHeaders(readLines(Buffer.from('/*\n  Cache-Control: no-store'))).rules;
  const decided = decide(options, found, last);
  expect(decided.warnings.map(({ path }) => path)).toEqual(['_headers', 'a\\b']);
  const reader = new Pool(1);
  onEnd(() => reader.close());
  const making = { target: options.out, watch: UNWATCHED, reader, note: () => undefined };
  for (const durable of [true, false]) {
    const report = await makeArchive(decided, options, { ...making, durable });
    expect(report.manifest).toEqual(openArchive(options.out).manifest);
  }
  const archive = openArchive(options.out);
  for (const { route } of eachEntry(archive)) {
    const head = identityOf(route);
    const fields = ['Cache-Control', 'X-Own'].map((name) => fieldOf(archive, head, name));
    expect(fields).toEqual(['no-store', '1']);
  }
});

test('rules that cannot be honoured stop it, unless that is wanted', () => {
  const files = { 'index.html': 'x', _redirects: '/a /b 999\n' };
  const strict = optionsOf(files);
  expect(() => decide(strict, findFiles(strict, HOOKS))).toThrow('_redirects:1: ');
  const lenient = optionsOf(files, ['--rules-lenient']);
  expect(decide(lenient, findFiles(lenient, HOOKS)).warnings).toHaveLength(1);
});
