// manager.ts: a service manager: a real datagram socket that keeps what it is told.
//
// Node has none of the AF_UNIX kind: the interpreter that node-gyp needs has.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd } from './cleanup.ts';
import { temporaryFolder } from './site.ts';

export interface Manager {
  /** As NOTIFY_SOCKET has it. */
  readonly address: string;
  /** Each as it came, the oldest first. */
  readonly messages: readonly string[];
  until(holds: (messages: readonly string[]) => boolean): Promise<void>;
  close(): Promise<void>;
}

const LIMIT_MS = 20_000;
/** A message a line, as JSON. */
const RECEIVER = `
import json, os, socket, sys
address = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('\\0' + address[1:] if address[0] == '@' else address)
if address[0] == '/': os.chmod(address, 0o777)
print('bound', flush=True)
while True:
    print(json.dumps(s.recv(65536).decode()), flush=True)
`;

let opened = 0;

export async function openManager(kind: 'path' | 'abstract'): Promise<Manager> {
  const name = `cdbserve-test-${process.pid}-${++opened}`;
  const address = kind === 'abstract' ? `@${name}` : join(temporaryFolder(), name);
  const child = spawn('python3', ['-c', RECEIVER, address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.kill();
    await exited;
  };
  onEnd(close);
  const messages: string[] = [];
  const lines = createInterface(child.stdout);
  await once(lines, 'line');
  lines.on('line', (line) => messages.push(JSON.parse(line) as string));
  const until: Manager['until'] = async (holds) => {
    const last = performance.now() + LIMIT_MS;
    while (!holds(messages)) {
      if (performance.now() > last) throw new Error(`it heard: ${JSON.stringify(messages)}`);
      await sleep(10);
    }
  };
  return { address, messages, until, close };
}
