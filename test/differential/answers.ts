// answers.ts: what a server makes of one request, and where two answers differ.
import { BadReply } from '../support/reply.ts';
import type { Reply } from '../support/reply.ts';
import { values } from '../support/reply.ts';
import { Wire } from '../support/wire.ts';

/** `waits`: the server takes more bytes as the rest of the request. */
type Connection = 'open' | 'closed' | 'waits';

export interface Answer {
  /** Three digits; `bare`: bytes without a head; `none`: nothing. */
  readonly status: string;
  readonly connection: Connection;
  /** In the order of importance, `-` where there is none. */
  readonly aspects: ReadonlyMap<string, string>;
}

/** What both servers are asked after a request, and answer alike, where the connection goes on. */
const PROBE = 'GET /plain.txt HTTP/1.1\r\nHost: probe\r\n\r\n';
export const PROBE_BODY = 'plain\n';
const TIMEOUT_MS = 5_000;
const FIELDS = ['vary', 'allow', 'location'];

/** Sends one request on a connection of its own. */
export async function ask(port: number, bytes: string, head: boolean): Promise<Answer> {
  const wire = await Wire.open(port);
  try {
    wire.send(bytes);
    const { status, reply, interims } = await finalReply(wire, head);
    const connection = await goesOn(wire);
    return { status, connection, aspects: aspectsOf(reply, interims) };
  } finally {
    wire.destroy();
  }
}

/** Names of what differs; what follows from a difference is not named. */
export function differences(nginx: Answer, ours: Answer): string[] {
  const found: string[] = [];
  if (nginx.status !== ours.status) found.push('status');
  if (nginx.connection !== ours.connection) found.push('connection');
  if (found[0] === 'status') return found;
  const differing = [...ours.aspects.keys()].filter(
    (name) => nginx.aspects.get(name) !== ours.aspects.get(name),
  );
  // Other bytes have another length.
  const follows = differing.includes('coding') ? ['body', 'length', 'range'] : [];
  return [...found, ...differing.filter((name) => !follows.includes(name))];
}

async function finalReply(
  wire: Wire,
  head: boolean,
): Promise<{ status: string; reply?: Reply; interims: number }> {
  for (let interims = 0; ; interims++) {
    try {
      const reply = await wire.reply({ head, timeoutMs: TIMEOUT_MS });
      if (reply.status >= 200) return { status: String(reply.status), reply, interims };
    } catch (error) {
      if (!(error instanceof BadReply)) throw error;
      const bare = error.message.startsWith('not the start of a reply');
      return { status: bare ? 'bare' : 'none', interims };
    }
  }
}

async function goesOn(wire: Wire): Promise<Connection> {
  wire.send(PROBE);
  try {
    const probe = await wire.reply({ timeoutMs: TIMEOUT_MS });
    return probe.status === 200 && probe.body.toString() === PROBE_BODY ? 'open' : 'closed';
  } catch (error) {
    if (!(error instanceof BadReply)) throw error;
    return error.message.startsWith('out of time') ? 'waits' : 'closed';
  }
}

function aspectsOf(reply: Reply | undefined, interims: number): Map<string, string> {
  if (!reply) return new Map();
  const field = (name: string): string => values(reply, name).join(' & ') || '-';
  const parts = byteranges(reply, field('content-type'));
  return new Map([
    ['interim', interims > 0 ? '100' : '-'],
    ['coding', field('content-encoding')],
    ['etag', field('etag') === '-' ? '-' : 'there'],
    ...FIELDS.map((name) => [name, field(name)] as const),
    ['range', field('content-range')],
    ['length', parts === undefined ? field('content-length') : 'of parts'],
    ['body', parts ?? reply.body.toString('latin1')],
  ]);
}

/** Ranges and bytes of a multipart body; boundaries and blank lines are each server's own. */
function byteranges(reply: Reply, type: string): string | undefined {
  const boundary = /^multipart\/byteranges; ?boundary="?([^"]+)"?$/.exec(type)?.[1];
  if (boundary === undefined) return undefined;
  const parts = reply.body.toString('latin1').split(`--${boundary}`);
  return parts
    .map((part) => {
      const range = /^content-range: (.*)\r$/im.exec(part)?.[1] ?? '';
      return `${range}:${part.slice(part.indexOf('\r\n\r\n') + 4).replace(/\r\n$/, '')}`;
    })
    .slice(1, -1)
    .join('\n');
}
