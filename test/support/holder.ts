// holder.ts: a process that holds thousands of connections, each in one of three states.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onEnd } from './cleanup.ts';

export interface Holding {
  readonly idle: number;
  readonly halfHeads: number;
  /** Whose answer waits for them to read. */
  readonly pending: number;
}

export interface Holder {
  /** Connections that have ended or were refused so far. */
  readonly lost: () => number;
  end(): Promise<void>;
}

/** Idle ones have been answered once. The process ends when its standard input does. */
const PROGRAM = `
const { connect } = require('node:net');
const { port, from, holding } = JSON.parse(process.argv[1]);
const REQUEST = (path) => 'GET ' + path + ' HTTP/1.1\\r\\nHost: a\\r\\n';
const AT_ONCE = 100;
let lost = 0;
function open(kind) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from });
    const end = () => { process.stdout.write('lost ' + ++lost + '\\n'); resolve(); };
    socket.on('error', () => undefined);
    socket.on('close', end);
    socket.on('connect', () => {
      if (kind === 'pending') socket.pause();
      socket.write(kind === 'halfHeads' ? REQUEST('/small.txt')
        : REQUEST(kind === 'idle' ? '/small.txt' : '/large.bin') + '\\r\\n');
      if (kind !== 'idle') resolve();
    });
    if (kind === 'idle') socket.on('data', resolve);
  });
}
async function openAll() {
  for (const [kind, count] of Object.entries(holding)) {
    for (let left = count; left > 0; left -= AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, () => open(kind)));
    }
  }
  process.stdout.write('ready\\n');
}
openAll();
process.stdin.on('end', () => process.exit()).resume();
`;

/** Resolves when all are open, from that address of the loopback network. */
export async function hold(port: number, from: string, holding: Holding): Promise<Holder> {
  const order = JSON.stringify({ port, from, holding });
  const stdio: ['pipe', 'pipe', 'inherit'] = ['pipe', 'pipe', 'inherit'];
  const child = spawn(process.execPath, ['-e', PROGRAM, order], { stdio });
  const exited = once(child, 'exit');
  const end = async (): Promise<void> => {
    child.stdin.end();
    await exited;
  };
  onEnd(end);
  let text = '';
  const isReady = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      if (text.includes('ready\n')) resolve();
    });
    child.on('exit', () => reject(new Error(`the holder ended: ${text}`)));
  });
  await isReady;
  return { lost: () => [...text.matchAll(/^lost /gm)].length, end };
}
