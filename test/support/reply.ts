// reply.ts: a strict parser of what a server may send: less is accepted than RFC 9112 lets a client
// accept.

export interface Reply {
  readonly status: number;
  readonly reason: string;
  /** In the order sent, names as sent. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

export interface Parsed {
  readonly reply: Reply;
  /** Bytes of the whole reply. */
  readonly bytes: number;
}

/** What the server sent is no reply; the message shows it. */
export class BadReply extends Error {}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) ([\x20-\x7e]+)$/;
const FIELD_LINE =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+): ([\x21-\x7e\x80-\xff](?:.*[\x21-\x7e\x80-\xff])?)$/;
const HEAD_BYTES_MAX = 65_536;

/** The whole length of the first reply in `bytes` once its head is there, else undefined. */
export function parseHead(
  bytes: Buffer,
  toHead: boolean,
): { reply: Omit<Reply, 'body'>; headBytes: number; bodyBytes: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) {
    if (bytes.length > HEAD_BYTES_MAX) throw bad('a head without end', bytes);
    if (bytes.length >= 5 && !bytes.toString('latin1', 0, 5).startsWith('HTTP/')) {
      throw bad('not the start of a reply', bytes);
    }
    return undefined;
  }
  const text = bytes.toString('latin1', 0, end);
  const lines = text.split('\r\n');
  const status = STATUS_LINE.exec(lines[0]!);
  if (!status) throw bad('no status line', bytes);
  const fields = lines.slice(1).map((line) => parseField(line, bytes));
  const reply = { status: Number(status[1]), reason: status[2]!, fields };
  return { reply, headBytes: end + 4, bodyBytes: bodyBytes(reply, toHead, bytes) };
}

/** Every value of a field, in order; its name in lower case. */
export function values(reply: Pick<Reply, 'fields'>, name: string): string[] {
  return reply.fields.filter(([given]) => given.toLowerCase() === name).map(([, value]) => value);
}

/** The value of a field that stands there once, else undefined. */
export function value(reply: Pick<Reply, 'fields'>, name: string): string | undefined {
  const all = values(reply, name);
  return all.length === 1 ? all[0] : undefined;
}

function parseField(line: string, bytes: Buffer): readonly [string, string] {
  if (/[\0-\x08\n-\x1f\x7f]/.test(line)) throw bad('a control byte in a field', bytes);
  const field = FIELD_LINE.exec(line);
  if (!field) throw bad(`no field line: ${JSON.stringify(line)}`, bytes);
  return [field[1]!, field[2]!];
}

/** RFC 9112 6.3, less transfer codings: the server promises never to use one. */
function bodyBytes(
  reply: { readonly status: number; readonly fields: Reply['fields'] },
  toHead: boolean,
  bytes: Buffer,
): number {
  if (values(reply, 'transfer-encoding').length > 0) throw bad('a transfer coding', bytes);
  const lengths = values(reply, 'content-length');
  if (reply.status < 200 || reply.status === 204 || reply.status === 304) {
    if (lengths.length > 0) throw bad('a Content-Length where no body may be', bytes);
    return 0;
  }
  if (lengths.length !== 1) throw bad(`${lengths.length} Content-Length fields`, bytes);
  if (!/^(0|[1-9]\d{0,14})$/.test(lengths[0]!)) throw bad('a bad Content-Length', bytes);
  return toHead ? 0 : Number(lengths[0]);
}

function bad(problem: string, bytes: Buffer): BadReply {
  return new BadReply(`${problem} in ${JSON.stringify(bytes.toString('latin1', 0, 600))}`);
}
