// parts.ts: holds the body of a 206 against ranges of a file: one, or several as a multipart body.
import { extname } from 'node:path';
import { expect } from 'vitest';
import { value, values } from '../support/reply.ts';
import type { Reply } from '../support/reply.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.bin': 'application/octet-stream',
  '.zip': 'application/zip',
};

/** A Buffer, or what stands for one that is too long to be held. */
export interface Content {
  readonly length: number;
  subarray(from: number, to: number): Buffer;
  includes?(text: string): boolean;
}

/** `ranges`: first and last position of each in the order sent, such as `0-9,20-29`. */
export function checkParts(
  reply: Reply,
  ranges: string,
  file: string,
  content: Content,
  where: string,
): void {
  const spans = ranges.split(',').map((range) => {
    const [first, last] = range.split('-').map(Number);
    return { range, bytes: content.subarray(first!, last! + 1).toString('latin1') };
  });
  if (spans.length === 1) {
    expect(value(reply, 'content-range'), where).toBe(`bytes ${ranges}/${content.length}`);
    expect(reply.body.toString('latin1'), where).toBe(spans[0]!.bytes);
    return;
  }
  expect(values(reply, 'content-range'), where).toEqual([]);
  const boundary = boundaryOf(reply, where);
  expect(content.includes?.(boundary) ?? false, `the boundary is in the file: ${where}`).toBe(
    false,
  );
  const parts = spans.map(
    ({ range, bytes }) =>
      `\r\n--${boundary}\r\nContent-Type: ${TYPES[extname(file)]}\r\n` +
      `Content-Range: bytes ${range}/${content.length}\r\n\r\n${bytes}`,
  );
  const all = `${parts.join('')}\r\n--${boundary}--\r\n`;
  expect(reply.body.toString('latin1'), where).toBe(all);
}

/** RFC 2046 5.1.1: 1 to 70 characters that need no quotes here. */
function boundaryOf(reply: Reply, where: string): string {
  const type = value(reply, 'content-type') ?? '';
  const form = /^multipart\/byteranges; boundary=([0-9A-Za-z'+_.-]{1,70})$/;
  expect(type, where).toMatch(form);
  return form.exec(type)![1]!;
}
