// mixed.ts: clients of every kind, each step drawn from a seed, every answer compared.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { value } from './reply.ts';
import { noise } from './site.ts';
import { Wire, get } from './wire.ts';

export const FILES: Readonly<Record<string, Buffer>> = {
  'empty.txt': Buffer.alloc(0),
  'small.txt': Buffer.from('small\n'),
  'medium.bin': noise(70_000, 1),
  'large.bin': noise(900_000, 2),
};
const NAMES = Object.keys(FILES);

export type Random = (below: number) => number;

/**
 * Sends one to eight requests in pieces of any size, now and then with pauses, and reads as it
 * likes. False: the connection has come to its end, by either side.
 */
async function talk(wire: Wire, random: Random, last: boolean): Promise<boolean> {
  const names = Array.from({ length: 1 + random(8) }, () => NAMES[random(NAMES.length)]!);
  const methods = names.map(() => (random(5) === 0 ? 'HEAD' : 'GET'));
  const text = names.map((name, at) => get(`/${name}`).replace('GET', methods[at]!)).join('');
  const closing = last && random(2) === 0;
  const bytes = Buffer.from(
    closing ? text.replace(/\r\n\r\n$/, '\r\nConnection: close\r\n\r\n') : text,
  );
  const sent = sendAnyhow(wire, bytes, random, last && !closing);
  for (const [index, name] of names.entries()) {
    if (random(4) === 0) {
      wire.pause();
      await sleep(random(25));
      wire.resume();
    }
    const reply = await wire.reply({ head: methods[index] === 'HEAD', timeoutMs: 20_000 });
    const body = methods[index] === 'HEAD' ? Buffer.alloc(0) : FILES[name]!;
    expect([reply.status, reply.body.equals(body)], `${methods[index]} ${name}`).toEqual([
      200,
      true,
    ]);
    const isAsked = closing && index === names.length - 1;
    if (!isAsked && value(reply, 'connection') === 'close') return false;
  }
  await sent;
  if (last) expect(await wire.closed()).toBe('fin');
  return !last;
}

async function sendAnyhow(wire: Wire, bytes: Buffer, random: Random, ends: boolean): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + random(random(3) === 0 ? 4 : 200);
    wire.send(bytes.subarray(at, end));
    at = end;
    if (random(6) === 0) await sleep(random(8));
  }
  if (ends) wire.halfClose();
}

/** Goes away in the middle of something. */
async function vanish(wire: Wire, random: Random): Promise<void> {
  const text = get('/large.bin').repeat(1 + random(4));
  wire.send(text.slice(0, 1 + random(text.length)));
  await sleep(random(20));
  if (random(2) === 0) wire.destroy();
  else wire.close();
}

/** One connection after another, as long as `goesOn` says. */
export async function live(
  port: number,
  random: Random,
  goesOn: (connections: number) => boolean,
): Promise<void> {
  for (let connections = 0; goesOn(connections); connections++) {
    const wire = await Wire.open(port);
    const turns = random(4);
    let goes = true;
    for (let turn = 0; turn < turns && goes; turn++) goes = await talk(wire, random, false);
    if (goes && random(4) === 0) await vanish(wire, random);
    else if (goes) await talk(wire, random, true);
    wire.destroy();
  }
}
