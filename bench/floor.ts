// floor.ts: compiles bench/floor.c and makes the fixed answer that it gives.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../src/paths.ts';
import type { Case } from './cases.ts';
import { LARGE_PATH } from './site.ts';
import type { Site } from './site.ts';

const REASONS = { 200: 'OK', 304: 'Not Modified', 404: 'Not Found' } as const;
const MISSING = Buffer.from('<!doctype html><title>Not found</title><h1>Not found</h1>\n');

/** Path of the compiled program; throws with the compiler's words. */
export function buildFloor(): string {
  const target = join(packageRoot, 'dist', 'bench', 'floor');
  mkdirSync(dirname(target), { recursive: true });
  const flags = ['-O2', '-Wall', '-Wextra', '-Werror'];
  const source = join(packageRoot, 'bench', 'floor.c');
  execFileSync('cc', [...flags, '-o', target, source], { stdio: 'pipe' });
  return target;
}

/** The fields are those a careful static server sends, so that the floor moves as many bytes. */
export function fixedAnswer(
  subject: Case,
  site: Site,
): { readonly head: string; readonly body: Buffer } {
  const large = subject.path === LARGE_PATH;
  const body = fixedBody(subject, site);
  const lines = [
    `HTTP/1.1 ${subject.status} ${REASONS[subject.status]}`,
    'Date: Tue, 05 Nov 2024 08:15:30 GMT',
    ...(subject.status === 404 ? ['Cache-Control: no-store'] : ['Cache-Control: no-cache']),
    ...(subject.status === 404
      ? []
      : ['Last-Modified: Tue, 05 Nov 2024 08:15:30 GMT', 'ETag: "0123456789abcdefghijkl"']),
    ...(large || subject.status === 404 ? [] : ['Vary: Accept-Encoding']),
    ...(subject.status === 200 && !large ? ['Content-Encoding: gzip'] : []),
    ...(subject.status === 304
      ? []
      : [
          `Content-Type: ${large ? 'application/octet-stream' : 'text/html; charset=utf-8'}`,
          `Content-Length: ${body.length}`,
        ]),
    ...(subject.closes ? ['Connection: close'] : []),
  ];
  return { head: `${lines.join('\r\n')}\r\n\r\n`, body };
}

function fixedBody(subject: Case, site: Site): Buffer {
  if (subject.status === 404) return MISSING;
  if (subject.status === 304) return Buffer.alloc(0);
  return subject.path === LARGE_PATH ? site.large : site.pageGzip;
}
