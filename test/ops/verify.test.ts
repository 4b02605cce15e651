// verify.test.ts: processes that verify an archive well, badly, never, or lie, and what is made of
// what they say.
import { closeSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { VERIFIER } from '../../src/boot/orders.ts';
import type { Sound } from '../../src/boot/verdict.ts';
import { EXIT, type Failure } from '../../src/errors.ts';
import { loadWall } from '../../src/native.ts';
import { type Spawner, VERIFIER_SLOT } from '../../src/ops/spawner.ts';
import { verifySealed } from '../../src/ops/verify.ts';
import { addonPath } from '../../src/paths.ts';
import { temporaryFolder } from '../support/site.ts';
import { openSpawner } from '../support/spawner.ts';

const LISTENERS = 2;
const SOUND: Sound = { files: 1, digest: '0'.repeat(64), site: 2, msealed: true };
const PATH = '/srv/site.cdb';

const wall = loadWall(addonPath('wall'));
const folder = temporaryFolder();
const archive = openSync(join(folder, 'archive'), 'w+');
afterAll(() => closeSync(archive));

let scripts = 0;

function spawnerOf(script: string): Spawner {
  const head = `const fs = require('node:fs'), say = (text) => fs.writeSync(4, text);
    if (process.argv[2] !== '${VERIFIER}') throw new Error('not asked to verify');`;
  const bundle = join(folder, `worker${scripts++}.cjs`);
  return openSpawner(wall, { bundle, script: head + script, listeners: LISTENERS });
}

interface Outcome {
  readonly sound?: Sound;
  readonly failure?: Failure;
  readonly relayed: readonly string[];
}

async function ask(spawner: Spawner, signal = new AbortController().signal): Promise<Outcome> {
  const relayed: string[] = [];
  const examined = { path: PATH, archive, listeners: LISTENERS };
  try {
    const relay = (line: string): void => void relayed.push(line);
    const sound = await verifySealed(wall, spawner, examined, signal, relay);
    return { sound, relayed };
  } catch (error) {
    return { failure: error as Failure, relayed };
  }
}

const openNow = (): number => readdirSync('/proc/self/fd').length;

test('what is sound is told; the archive is all there is, and nothing stays open', async () => {
  const spawner = spawnerOf(`
    const inode = (descriptor) => fs.fstatSync(descriptor).ino;
    const same = [7, 8].every((listener) => inode(listener) === inode(5));
    say(JSON.stringify({ sound: { ...${JSON.stringify(SOUND)}, files: same ? 1 : 0 } }));`);
  await ask(spawner);
  const before = openNow();
  for (let times = 0; times < 5; times++) expect((await ask(spawner)).sound).toEqual(SOUND);
  expect(openNow()).toBe(before);
});

test('what is refused is named by its path, on one line', async () => {
  const refused = 'refused at record "/a": no\nbody. Pack again.';
  const spawner = spawnerOf(`say(${JSON.stringify(JSON.stringify({ refused }))});`);
  const { failure } = await ask(spawner);
  expect(failure!.message).toBe(`${PATH}: refused at record "/a": no?body. Pack again.`);
  expect(failure!.exitCode).toBe(EXIT.archiveRefused);
});

test.each([
  ['says nothing and ends well', '', 'exit status 0'],
  ['ends in a bug', 'process.exit(70)', 'exit status 70'],
  ['is killed', 'process.kill(process.pid, "SIGKILL")', 'signal SIGKILL'],
  ['says what no verifier says', 'say("R{}")', 'exit status 0'],
  ['lies beyond what can be', `say('{"sound":{"files":1,"site":99}}')`, 'exit status 0'],
  ['says far too much', 'for (let i = 0; i < 99; i++) say("x".repeat(4096))', 'exit status 0'],
])('one that %s has verified nothing', async (_what, script, how) => {
  const { failure, sound } = await ask(spawnerOf(script));
  expect(sound).toBeUndefined();
  expect(failure!.message).toContain(
    `${PATH} could not be verified: whoever read it ended: ${how}.`,
  );
  expect(failure!.exitCode).toBe(EXIT.failure);
});

test('what it cannot be protected by ends the start as it does for a worker', async () => {
  const addon = JSON.stringify(addonPath('wall'));
  const spawner = spawnerOf(`
    const module_ = { exports: {} };
    process.dlopen(module_, ${addon});
    module_.exports.openStatus(6, 70);
    module_.exports.say('stage verify was refused');
    process.exit(${EXIT.sandboxUnavailable});`);
  const { failure } = await ask(spawner);
  expect(failure!.message).toBe('a worker is not protected: stage verify was refused');
  expect(failure!.exitCode).toBe(EXIT.sandboxUnavailable);
});

test('its last lines are passed on', async () => {
  const { relayed } = await ask(spawnerOf(`fs.writeSync(2, 'a\\x1b[2J\\nb');`));
  expect(relayed).toEqual(['a?[2J', 'b']);
});

test('one that goes on for ever is ended when nobody wants to know any more', async () => {
  const spawner = spawnerOf('setInterval(() => undefined, 1_000);');
  const early = new AbortController();
  early.abort();
  expect((await ask(spawner, early.signal)).failure!.message).toContain('signal SIGKILL');
  const stop = new AbortController();
  const asked = ask(spawner, stop.signal);
  setTimeout(() => stop.abort(), 200);
  expect((await asked).failure!.message).toContain('signal SIGKILL');
});

test('without a spawner there is a Failure too', async () => {
  // Without a wall it is not told of the spawner's end, and may have been started before.
  const spawner = spawnerOf('setTimeout(() => undefined, 1_000);');
  const asked = ask(spawner);
  process.kill(spawner.pid!, 'SIGKILL');
  expect((await asked).failure!.message).toMatch(/spawner|could not be verified/);
});

test('its slot is none of a worker', () => {
  expect(VERIFIER_SLOT).toBe(128);
});
