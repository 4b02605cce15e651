// taken_supervisor.ts: a supervisor that has been taken over: under its filter, or without, it
// makes system calls.
//
// Bundled by supervisor_filter.test.ts. Arguments: the addon, the addon of tests, 'locked' or
// 'free', the calls in JSON. Prints what each gave; a locked one ends with the first refused.
import { readdirSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { lockSupervisor } from '../../src/boot/supervisor_lock.ts';
import { loadWall } from '../../src/native.ts';

/** A number, a text, so many bytes of zeros, or something of this process. */
export type Word = number | string | { readonly bytes: number } | { readonly own: Own };
type Own = 'page' | 'pid' | 'socket of the spawner' | 'another socket';
/** The number of a system call, and its arguments. */
export type Words = readonly [number, ...Word[]];
type Call = (...words: readonly (bigint | Uint8Array)[]) => number;

const MMAP = 9n;
const EXIT_GROUP = 231n;
const CHILD = 0;
/** fork, clone, clone3: what gives 0 is another process, and must not go on as this one. */
const FORKING = [57, 56, 435];

const [, , wallPath = '', callPath = '', mode, list = '[]'] = process.argv;
const module = { exports: {} };
process.dlopen(module, callPath);
const { call } = module.exports as { readonly call: Call };
const wall = loadWall(wallPath);
const [spawner, other] = wall.socketPair();
if (mode === 'locked') lockSupervisor(wall, spawner, { admin: undefined, logsToFile: false });
const said = (JSON.parse(list) as readonly Words[]).map(([number, ...words]) => {
  const result = call(BigInt(number), ...words.map(wordOf));
  if (result === CHILD && FORKING.includes(number)) call(EXIT_GROUP, 0n);
  return result;
});
const before = readdirSync('/proc/self/task').length;
// libuv starts its threads for the first file that is read beside the loop.
readFile('/proc/self/status').then(tell, tell);

function tell(): void {
  const threads = readdirSync('/proc/self/task').length - before;
  writeSync(1, JSON.stringify({ said, threads }));
}

function wordOf(word: Word): bigint | Uint8Array {
  if (typeof word === 'number') return BigInt(word);
  if (typeof word === 'string') return new TextEncoder().encode(`${word}\0`);
  return 'bytes' in word ? new Uint8Array(word.bytes) : ownOf(word.own);
}

function ownOf(own: Own): bigint {
  if (own === 'pid') return BigInt(process.pid);
  if (own === 'page') return BigInt(call(MMAP, 0n, 4_096n, 3n, 0x22n, 0xffff_ffffn, 0n));
  return BigInt(own === 'another socket' ? other : spawner);
}
