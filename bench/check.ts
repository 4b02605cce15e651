// check.ts: whether a server answers what it should, before and after its load.
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { Case } from './cases.ts';
import { requestFields, requestText } from './cases.ts';
import { exchange, field } from './exchange.ts';
import type { Answer } from './exchange.ts';
import { LARGE_PATH, PAGE_PATH } from './site.ts';
import type { Site } from './site.ts';

const SAMPLE_ANSWERS = 16;

/** What all answers of a sample had in common. */
export interface Sample {
  readonly status: number;
  readonly bodyBytes: number;
  readonly headBytes: number;
  readonly digest: string;
}

/** The ETag of the answer to an unconditional request; undefined when it has none. */
export async function learnEtag(port: number, subject: Case): Promise<string | undefined> {
  const fields = requestFields({ ...subject, closes: true, conditional: false });
  const [answer] = await exchange(port, requestText('GET', subject.path, fields), 1);
  return field(answer!.head, 'etag');
}

/** Sends a sample as the loader will; throws with what differs from what was expected. */
export async function sampleAnswers(
  port: number,
  subject: Case,
  site: Site,
  etag?: string,
): Promise<Sample> {
  const request = requestText('GET', subject.path, requestFields(subject, etag));
  const samples: Sample[] = [];
  for (let sent = 0; sent < SAMPLE_ANSWERS; sent += subject.pipelining) {
    const wanted = subject.pipelining;
    const answers = await exchange(port, request.repeat(wanted), wanted);
    for (const answer of answers) samples.push(checkAnswer(answer, subject, site));
  }
  for (const sample of samples) requireSame(samples[0]!, sample);
  return samples[0]!;
}

/** Throws when two samples of one server differ. */
export function requireSame(first: Sample, second: Sample): void {
  const [before, after] = [JSON.stringify(first), JSON.stringify(second)];
  if (before !== after) throw new Error(`answers differ: ${before} and ${after}`);
}

/** Throws with the difference, or gives what is to stay the same over a load. */
export function checkAnswer(answer: Answer, subject: Case, site: Site): Sample {
  if (answer.status !== subject.status) {
    throw new Error(`status ${answer.status} instead of ${subject.status} for ${subject.path}`);
  }
  const expected = expectedBody(subject, site);
  // A 304 may name the coding of the answer it stands for.
  const zipped = answer.body.length > 0 && field(answer.head, 'content-encoding') === 'gzip';
  const content = zipped ? gunzipSync(answer.body) : answer.body;
  if (expected && !content.equals(expected)) {
    throw new Error(`${content.length} bytes that are not the file ${subject.path}`);
  }
  return {
    status: answer.status,
    bodyBytes: answer.body.length,
    headBytes: Buffer.byteLength(answer.head) + 4,
    digest: createHash('sha256').update(answer.body).digest('hex'),
  };
}

/** Undefined where every server may send its own words. */
function expectedBody(subject: Case, site: Site): Buffer | undefined {
  if (subject.status === 304) return Buffer.alloc(0);
  if (subject.path === PAGE_PATH) return site.page;
  return subject.path === LARGE_PATH ? site.large : undefined;
}
