// mix.ts: requests of every kind over real sockets, each answer held against its status.
import { requestFields, requestText } from './cases.ts';
import type { Case } from './cases.ts';
import { AnswerReader, open, receive } from './exchange.ts';
import { lcg, MISSING_PATH, PAGE_PATH } from './site.ts';

/** What is sent at once, and what must come back. */
export interface Step {
  readonly kind: string;
  readonly bytes: string;
  readonly expected: readonly Expected[];
  /** The server closes the connection after the answer. */
  readonly ends?: boolean;
}

interface Expected {
  readonly status: number;
  readonly bodiless?: boolean;
}

/** Answers by kind of step. */
export type Counts = ReadonlyMap<string, number>;

const FIELDS = requestFields({ closes: false } as Case);
const PIPELINED = 16;

/** Heads that RFC 9112 wants answered with 400 and the end of the connection. */
const MALFORMED: readonly string[] = [
  `GET ${PAGE_PATH} HTTP/1.1\r\n\r\n`,
  `GET ${PAGE_PATH} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`,
  `GET ${PAGE_PATH} HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n`,
  `GET ${PAGE_PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\n`,
];

/** Steps to draw from, the frequent kinds several times. `etag` is the page's in gzip. */
export function mixedSteps(etag: string): readonly Step[] {
  const get = requestText('GET', PAGE_PATH, FIELDS);
  const head = requestText('HEAD', PAGE_PATH, FIELDS);
  const missing = requestText('GET', MISSING_PATH, FIELDS);
  const fresh = requestText('GET', PAGE_PATH, { ...FIELDS, 'If-None-Match': etag });
  const kinds: readonly (readonly [number, Step])[] = [
    [8, { kind: '200', bytes: get, expected: [{ status: 200 }] }],
    [4, { kind: '304', bytes: fresh, expected: [{ status: 304 }] }],
    [4, { kind: '404', bytes: missing, expected: [{ status: 404 }] }],
    [4, { kind: 'HEAD', bytes: head, expected: [{ status: 200, bodiless: true }] }],
    [2, pipelined([get, missing, head, fresh])],
    ...MALFORMED.map((bytes) => [1, malformed(bytes)] as const),
  ];
  return kinds.flatMap(([weight, step]) => Array.from({ length: weight }, () => step));
}

/** Sends `requests` over `connections`; throws at the first answer that is not as expected. */
export async function drive(
  port: number,
  steps: readonly Step[],
  requests: number,
  connections: number,
): Promise<Counts> {
  const counts = new Map<string, number>();
  const quota = { left: requests };
  const workers = Array.from({ length: connections }, async (_, number) => {
    const draw = lcg(number + 1);
    while (quota.left > 0) await driveConnection(port, steps, quota, draw, counts);
  });
  await Promise.all(workers);
  return counts;
}

/** One connection, from its opening to a step that ends it. */
async function driveConnection(
  port: number,
  steps: readonly Step[],
  quota: { left: number },
  draw: () => number,
  counts: Map<string, number>,
): Promise<void> {
  const socket = await open(port);
  const reader = new AnswerReader();
  try {
    while (quota.left > 0) {
      const step = steps[draw() % steps.length]!;
      quota.left -= step.expected.length;
      counts.set(step.kind, (counts.get(step.kind) ?? 0) + step.expected.length);
      socket.write(step.bytes, 'latin1');
      for (const expected of step.expected) {
        let answer = reader.next(expected.bodiless === true);
        while (!answer) {
          reader.push(await receive(socket));
          answer = reader.next(expected.bodiless === true);
        }
        if (answer.status !== expected.status) {
          throw new Error(`${answer.status} instead of ${expected.status} to ${describe(step)}`);
        }
      }
      if (reader.pending > 0) throw new Error(`more than the answer came to ${describe(step)}`);
      if (step.ends) return;
    }
  } finally {
    socket.destroy();
  }
}

/** Kind and beginning: a step may be many requests. */
function describe(step: Step): string {
  return `${step.kind}: ${JSON.stringify(step.bytes.slice(0, 80))}`;
}

function malformed(bytes: string): Step {
  return { kind: '400', bytes, expected: [{ status: 400 }], ends: true };
}

function pipelined(requests: readonly [string, string, string, string]): Step {
  const answers: readonly Expected[] = [
    { status: 200 },
    { status: 404 },
    { status: 200, bodiless: true },
    { status: 304 },
  ];
  const order = Array.from({ length: PIPELINED }, (_, at) => at % requests.length);
  return {
    kind: 'pipelined',
    bytes: order.map((at) => requests[at]!).join(''),
    expected: order.map((at) => answers[at]!),
  };
}
