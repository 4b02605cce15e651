// clients.test.ts: what people fetch with: curl, wget, Node, Python and a browser, each in its own
// ways.
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openPage, watch } from '../support/browser.ts';
import type { OnTheWire } from '../support/browser.ts';
import { startServer } from '../support/server.ts';
import type { Server } from '../support/server.ts';
import { MODIFIED, noise, packSite, runCommand, temporaryFolder } from '../support/site.ts';

const DATA = noise(300_000, 11);
const PAGE = `<!doctype html><title>Page</title><p>${'many of the same words '.repeat(200)}\n`;
const SECONDS = 120;
const LIMIT_MS = 60_000;
let server: Server;
let base: string;

beforeAll(async () => {
  const site = await packSite({
    'data.bin': DATA,
    'page.html': PAGE,
    'style.css': 'p { color: rgb(1, 2, 3) }\n',
    'sound.wav': tone(SECONDS),
    'listen.html':
      '<!doctype html><title>Sound</title><link rel="icon" href="data:,">' +
      '<link rel="stylesheet" href="style.css"><p>Sound</p>' +
      '<audio src="sound.wav" preload="metadata"></audio>\n',
  });
  server = await startServer(site.archive);
  base = `http://127.0.0.1:${server.port}`;
});

/** A WAV file of one channel, 16 bits, 22,050 samples a second. */
function tone(seconds: number): Buffer {
  const rate = 22_050;
  const bytes = rate * seconds * 2;
  const wav = Buffer.alloc(44 + bytes);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + bytes, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(rate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(bytes, 40);
  for (let at = 0; at < rate * seconds; at++) {
    wav.writeInt16LE(Math.round(8_000 * Math.sin((at * 440 * 2 * Math.PI) / rate)), 44 + at * 2);
  }
  return wav;
}

interface Curled {
  readonly status: number;
  readonly head: string;
  readonly body: Buffer;
}

/** Runs curl in a folder of its own. Throws with its words when it ends with an error. */
async function curl(...args: readonly string[]): Promise<Curled> {
  const folder = temporaryFolder();
  const files = { head: join(folder, 'head'), body: join(folder, 'body') };
  writeFileSync(files.body, '');
  const out = ['-sS', '-q', '--noproxy', '*', '-D', files.head, '-o', files.body];
  const ended = await runCommand('curl', [...out, '-w', '%{http_code}', ...args]);
  expect([ended.code, ended.stderr], args.join(' ')).toEqual([0, '']);
  const head = readFileSync(files.head, 'latin1').toLowerCase();
  return { status: Number(ended.stdout), head, body: readFileSync(files.body) };
}

test('curl gets the whole, its head and its parts', async () => {
  const url = `${base}/data.bin`;
  const whole = await curl(url);
  expect([whole.status, whole.body.equals(DATA)]).toEqual([200, true]);
  const head = await curl('-I', url);
  expect([head.status, head.head]).toEqual([200, expect.stringContaining('300000')]);
  const part = await curl('--range', '1000-1999', url);
  expect([part.status, part.body.equals(DATA.subarray(1000, 2000))]).toEqual([206, true]);
  const end = await curl('--range', '-10', url);
  expect([end.status, end.body.equals(DATA.subarray(-10))]).toEqual([206, true]);
  const several = await curl('--range', '0-9,500-509', url);
  expect(several.status).toBe(206);
  expect(several.head).toContain('multipart/byteranges');
  expect(several.body.includes(DATA.subarray(500, 510))).toBe(true);
  const beyond = await curl('--range', '300000-', url);
  expect([beyond.status, beyond.head]).toEqual([416, expect.stringContaining('bytes */300000')]);
});

test('curl resumes a download', async () => {
  const file = join(temporaryFolder(), 'data.bin');
  writeFileSync(file, DATA.subarray(0, 123_456));
  const args = ['-sS', '-q', '--noproxy', '*', '-C', '-', '-o', file, '-w', '%{http_code}'];
  const ended = await runCommand('curl', [...args, `${base}/data.bin`]);
  expect([ended.code, ended.stdout, ended.stderr]).toEqual([0, '206', '']);
  expect(readFileSync(file).equals(DATA)).toBe(true);
});

test('curl asks only for what has changed', async () => {
  const url = `${base}/page.html`;
  const file = join(temporaryFolder(), 'tag');
  expect((await curl('-z', MODIFIED.toUTCString(), url)).status).toBe(304);
  const before = new Date(MODIFIED.getTime() - 1000).toUTCString();
  expect((await curl('-z', before, url)).body.toString()).toBe(PAGE);
  expect((await curl('-z', `-${before}`, url)).status).toBe(412);
  expect((await curl('--etag-save', file, url)).status).toBe(200);
  const again = await curl('--etag-compare', file, url);
  expect([again.status, again.body.length]).toEqual([304, 0]);
});

test('curl decodes what it accepts', async () => {
  const { status, head, body } = await curl('--compressed', `${base}/page.html`);
  expect([status, body.toString()]).toEqual([200, PAGE]);
  expect(head).toMatch(/^content-encoding: (br|zstd|gzip)\r$/m);
  expect(head).toMatch(/^vary: accept-encoding\r$/m);
});

test('curl speaks HTTP/1.0, and HTTP/1.1 with several requests on a connection', async () => {
  const old = await curl('--http1.0', '--range', '5-9', `${base}/data.bin`);
  expect([old.status, old.body.equals(DATA.subarray(5, 10))]).toEqual([206, true]);
  expect(old.head).toMatch(/^connection: close\r$/m);
  const both = ['-o', '/dev/null', `${base}/page.html`, '-o', '/dev/null', `${base}/data.bin`];
  const counts = ['-w', '%{http_code} %{num_connects}\n'];
  const ended = await runCommand('curl', ['-sS', '-q', '--noproxy', '*', ...counts, ...both]);
  expect([ended.code, ended.stdout, ended.stderr]).toEqual([0, '200 1\n200 0\n', '']);
});

test('wget gets a file, goes on where it was cut, and knows when it has it', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'data.bin');
  const run = (...args: readonly string[]): ReturnType<typeof runCommand> =>
    runCommand('wget', ['--no-config', '--no-proxy', '-S', ...args, `${base}/data.bin`], {
      cwd: folder,
    });
  expect((await run()).code).toBe(0);
  expect(readFileSync(file).equals(DATA)).toBe(true);
  expect(statSync(file).mtime).toEqual(MODIFIED);
  truncateSync(file, 77_777);
  const resumed = await run('-c');
  expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringContaining('HTTP/1.1 206')]);
  expect(readFileSync(file).equals(DATA)).toBe(true);
  const complete = await run('-c');
  expect([complete.code, complete.stderr]).toEqual([0, expect.stringContaining('HTTP/1.1 416')]);
  const unchanged = await run('-N');
  expect([unchanged.code, unchanged.stderr]).toEqual([0, expect.stringContaining(' 304 ')]);
  expect(readFileSync(file).equals(DATA)).toBe(true);
});

interface Got {
  readonly status: number;
  readonly fields: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Of this side: the same for two requests on one connection. */
  readonly port: number | undefined;
}

function fetchWith(agent: Agent, path: string, headers: Record<string, string> = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${base}${path}`, { agent, headers }, (reply) => {
      const chunks: Buffer[] = [];
      const port = reply.socket.localPort;
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('error', reject);
      reply.on('end', () => {
        const body = Buffer.concat(chunks);
        resolve({ status: reply.statusCode!, fields: reply.headers, body, port });
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

test("Node's client keeps one connection through all kinds of answers", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const first = await fetchWith(agent, '/data.bin');
    expect([first.status, first.body.equals(DATA)]).toEqual([200, true]);
    const cases: readonly (readonly [string, Record<string, string>, number])[] = [
      ['/data.bin', { range: 'bytes=10-19' }, 206],
      ['/data.bin', { range: 'bytes=0-0,9-9' }, 206],
      ['/data.bin', { range: 'bytes=300000-' }, 416],
      ['/data.bin', { 'if-none-match': first.fields.etag! }, 304],
      ['/data.bin', { 'if-modified-since': first.fields['last-modified']! }, 304],
      ['/data.bin', { 'if-match': '"other"' }, 412],
      ['/page.html', { 'accept-encoding': '*;q=0' }, 406],
      ['/missing', {}, 404],
      ['/data.bin', { range: 'bytes=299990-', 'if-range': first.fields.etag! }, 206],
      ['/data.bin', {}, 200],
    ];
    for (const [path, headers, status] of cases) {
      const got = await fetchWith(agent, path, headers);
      expect([got.status, got.port], JSON.stringify(headers)).toEqual([status, first.port]);
    }
    const parts = Array.from({ length: 30 }, (_, at) => ({
      from: at * 10_000,
      to: at * 10_000 + 9_999,
    }));
    const bodies = await Promise.all(
      parts.map(({ from, to }) => fetchWith(agent, '/data.bin', { range: `bytes=${from}-${to}` })),
    );
    expect(Buffer.concat(bodies.map(({ body }) => body)).equals(DATA)).toBe(true);
    expect(new Set(bodies.map(({ port }) => port))).toEqual(new Set([first.port]));
  } finally {
    agent.destroy();
  }
});

const PYTHON = `
import http.client, json, sys, urllib.error, urllib.request
port = int(sys.argv[1])
out = []
connection = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
sockets = set()
def ask(method, path, **fields):
    fields = {name.replace('_', '-'): value for name, value in fields.items()}
    connection.request(method, path, headers=fields)
    sockets.add(connection.sock.getsockname())
    reply = connection.getresponse()
    body = reply.read()
    out.append([reply.status, len(body), reply.getheader('Content-Range')])
    return reply
tag = ask('GET', '/data.bin').getheader('ETag')
ask('HEAD', '/data.bin', Range='bytes=0-9')
ask('GET', '/data.bin', Range='bytes=0-9')
ask('GET', '/data.bin', If_None_Match=tag)
ask('GET', '/data.bin', If_Match='"other"')
ask('GET', '/data.bin', Range='bytes=300000-')
ask('OPTIONS', '/data.bin')
ask('GET', '/data.bin', Range='bytes=-5', If_Range=tag)
connection.close()
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
url = 'http://127.0.0.1:%d' % port
for path, fields in (('/data.bin', {'Range': 'bytes=7-9'}), ('/page', {}), ('/page/', {}),
                     ('/missing', {}), ('/data.bin', {'If-None-Match': tag})):
    try:
        with opener.open(urllib.request.Request(url + path, headers=fields), timeout=10) as reply:
            out.append([reply.status, len(reply.read()), reply.headers.get('Content-Range')])
    except urllib.error.HTTPError as error:
        out.append([error.code, None, None])
print(json.dumps({'connections': len(sockets), 'out': out}))
`;

test("Python's http.client and urllib understand every answer", async () => {
  const ended = await runCommand('python3', ['-I', '-c', PYTHON, String(server.port)]);
  expect([ended.code, ended.stderr]).toEqual([0, '']);
  const { connections, out } = JSON.parse(ended.stdout) as { connections: number; out: unknown[] };
  expect(connections).toBe(1);
  expect(out.slice(0, 4)).toEqual([
    [200, 300_000, null],
    [200, 0, null],
    [206, 10, 'bytes 0-9/300000'],
    [304, 0, null],
  ]);
  expect(out.slice(4)).toEqual([
    [412, expect.any(Number), null],
    [416, expect.any(Number), 'bytes */300000'],
    [204, 0, null],
    [206, 5, 'bytes 299995-299999/300000'],
    [206, 3, 'bytes 7-9/300000'],
    [200, PAGE.length, null],
    [200, PAGE.length, null],
    [404, null, null],
    [304, null, null],
  ]);
});

/** A part of the sound that starts behind 90 of its 120 seconds. */
function isFarIn({ path, status, range }: OnTheWire): boolean {
  const first = Number(/^bytes (\d+)-/.exec(range ?? '')?.[1]);
  return path === '/sound.wav' && status === 206 && first > 90 * 44_100;
}

test(
  'a browser seeks in sound by ranges, and a reload is answered with 304',
  async () => {
    const { page, complaints } = await openPage();
    const wire = await watch(page);
    await page.goto(`http://localhost:${server.port}/listen.html`);
    await page.waitForFunction('document.querySelector("audio").duration === 120');
    wire.forget();
    await page.evaluate('document.querySelector("audio").currentTime = 110');
    await page.waitForFunction(`(() => {
    const { seeking, readyState, currentTime } = document.querySelector('audio');
    return !seeking && readyState >= 2 && currentTime === 110;
  })()`);
    await expect.poll(() => wire.seen().filter(isFarIn).length).toBeGreaterThan(0);
    wire.forget();
    await page.reload();
    await expect
      .poll(() => wire.seen().filter(({ path }) => /html$|css$/.test(path)))
      .toEqual([
        { path: '/listen.html', status: 304, range: undefined },
        { path: '/style.css', status: 304, range: undefined },
      ]);
    expect(complaints).toEqual([]);
  },
  LIMIT_MS,
);
