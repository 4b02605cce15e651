// rule_file.ts: reads `_headers` or `_redirects` at the root of a site, line by line.
import { lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, Failure } from '../../src/errors.ts';
import { readStable } from '../read.ts';
import { unreadable } from '../unreadable.ts';
import type { Site } from '../site.ts';
import { count, printable } from '../text.ts';

export interface Line {
  /** The first line is 1. */
  readonly number: number;
  /** Without white space at its ends and without its line end. */
  readonly text: string;
}

/** Bounds what the rules of a site may cost; a line of the longest kind fits 500 times. */
export const RULE_FILE_BYTES_MAX = 8 * 1024 * 1024;

const BYTE_ORDER_MARK = '\ufeff';

/**
 * The lines of the file, or none where the site has no such file: a folder of that name is content.
 * Throws a Failure where there is one that cannot be read.
 */
export function readRuleFile(site: Site, name: string): Line[] {
  const path = join(site.root, name);
  if (!isThere(path)) return [];
  const { bytes } = readStable(path);
  if (bytes.length > RULE_FILE_BYTES_MAX) {
    const text = `${printable(path)} has ${count(bytes.length)} bytes`;
    const most = `${count(RULE_FILE_BYTES_MAX)} is the most`;
    throw new Failure(EXIT.failure, `${text}; ${most}. Say it with fewer rules, by wildcards.`);
  }
  return readLines(bytes);
}

/** A byte that is not UTF-8 becomes U+FFFD. */
export function readLines(bytes: Uint8Array): Line[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const body = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  return body.split('\n').map((line, index) => ({ number: index + 1, text: line.trim() }));
}

/** What is wrong with the characters of a line wherever they stand, or undefined. */
export function faultOfLine(text: string): string | undefined {
  if (text.includes('\0')) return 'there is a NUL in it. Write the file as plain text.';
  if (text.includes('\r')) {
    return 'there is a CR inside it. Let lines end with LF or CRLF.';
  }
  if (text.includes('\ufffd')) return 'there are bytes in it that are not UTF-8. Save it as UTF-8.';
  return undefined;
}

function isThere(path: string): boolean {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
  try {
    return !statSync(path).isDirectory();
  } catch (error) {
    throw unreadable(path, 'read', error);
  }
}
