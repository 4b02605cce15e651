// floor.test.ts: the C program answers every recv with its fixed bytes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CASES, requestFields, requestText } from '../../bench/cases.ts';
import type { Case } from '../../bench/cases.ts';
import { checkAnswer, learnEtag, requireSame, sampleAnswers } from '../../bench/check.ts';
import { AnswerReader, exchange, field } from '../../bench/exchange.ts';
import { buildFloor, fixedAnswer } from '../../bench/floor.ts';
import { freePort, startServer } from '../../bench/servers.ts';
import { writeSite } from '../../bench/site.ts';
import { onEnd } from '../support/cleanup.ts';

const directory = mkdtempSync(join(tmpdir(), 'cdbserve-test-'));
onEnd(() => rmSync(directory, { recursive: true }));
const site = writeSite(directory);
const byName = (name: string): Case => CASES.find((subject) => subject.name === name)!;

async function startFloor(subject: Case): Promise<number> {
  const port = await freePort();
  const answer = fixedAnswer(subject, site);
  const [head, body] = [join(directory, `head-${port}`), join(directory, `body-${port}`)];
  writeFileSync(head, answer.head);
  writeFileSync(body, answer.body);
  const rest = [String(subject.pipelining), subject.closes ? '1' : '0'];
  const server = await startServer([buildFloor(), String(port), head, body, ...rest], port, 0);
  onEnd(() => server.stop());
  return port;
}

test.each(CASES)('$name: its answers pass the check of the case', async (subject) => {
  const port = await startFloor(subject);
  const sample = await sampleAnswers(port, subject, site);
  expect(sample.status).toBe(subject.status);
  requireSame(sample, await sampleAnswers(port, subject, site));
});

test('it closes after the answer only when told to', async () => {
  const subject = byName('new-connection');
  const request = requestText('GET', subject.path, requestFields(subject));
  const closing = exchange(await startFloor(subject), request, 2);
  await expect(closing).rejects.toThrow('closed before the answer was whole');
});

test('a check refuses another status, another body and a change', () => {
  const subject = byName('small-page');
  const reader = new AnswerReader();
  const { head, body } = fixedAnswer(subject, site);
  reader.push(Buffer.concat([Buffer.from(head), body]));
  const answer = reader.next(false)!;
  const sample = checkAnswer(answer, subject, site);
  expect(sample.bodyBytes).toBe(site.pageGzip.length);
  expect(() => checkAnswer({ ...answer, status: 500 }, subject, site)).toThrow('status 500');
  const plain = { ...answer, head: 'HTTP/1.1 200 OK' };
  expect(() => checkAnswer(plain, subject, site)).toThrow('not the file');
  expect(() => requireSame(sample, { ...sample, bodyBytes: 1 })).toThrow('answers differ');
});

test('the ETag is learned from an answer', async () => {
  const port = await startFloor(byName('small-page'));
  const etag = field(fixedAnswer(byName('small-page'), site).head, 'etag');
  expect(await learnEtag(port, byName('small-page'))).toBe(etag);
});
