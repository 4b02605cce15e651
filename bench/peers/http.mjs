// http.mjs: Node's own http with everything in memory, as a careful user would write it.
//
// node http.mjs PORT ROOT: files of ROOT with their .gz siblings, ETag, 304, HEAD, 404.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const TYPES = { html: 'text/html; charset=utf-8', bin: 'application/octet-stream' };
const [port, root] = process.argv.slice(2);
const missing = Buffer.from('<!doctype html><title>Not found</title><h1>Not found</h1>\n');
const files = new Map(
  readdirSync(root)
    .filter(isServed)
    .map((name) => [`/${name}`, load(name)]),
);

function isServed(name) {
  return name.split('.').at(-1) in TYPES;
}

function load(name) {
  const path = join(root, name);
  const identity = readFileSync(path);
  const gzip = readFileIfPresent(`${path}.gz`);
  const common = {
    'Content-Type': TYPES[name.split('.').at(-1)],
    'Last-Modified': statSync(path).mtime.toUTCString(),
    'Cache-Control': 'no-cache',
    ...(gzip && { Vary: 'Accept-Encoding' }),
  };
  return {
    identity: variant(common, identity),
    gzip: gzip && variant({ ...common, 'Content-Encoding': 'gzip' }, gzip),
  };
}

function variant(common, body) {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { etag, body, headers: { ...common, ETag: etag, 'Content-Length': body.length } };
}

function readFileIfPresent(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function answer(request, response) {
  const query = request.url.indexOf('?');
  const file = files.get(query < 0 ? request.url : request.url.slice(0, query));
  if (!file) {
    response.writeHead(404, { 'Content-Type': TYPES.html, 'Content-Length': missing.length });
    response.end(request.method === 'HEAD' ? undefined : missing);
    return;
  }
  const accepts = request.headers['accept-encoding']?.includes('gzip');
  const chosen = (accepts && file.gzip) || file.identity;
  if (request.headers['if-none-match'] === chosen.etag) {
    const { 'Content-Length': _, ...headers } = chosen.headers;
    response.writeHead(304, headers);
    response.end();
    return;
  }
  response.writeHead(200, chosen.headers);
  response.end(request.method === 'HEAD' ? undefined : chosen.body);
}

const server = createServer({ keepAliveTimeout: 75_000 }, answer);
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });
