// spec.ts: reads the documents of test/spec; their notation is described in test/spec/README.md.

export interface ExpectedField {
  readonly name: string;
  /** Its one value; '*' any; undefined: the field must be absent. */
  readonly value: string | undefined;
}

export interface ExpectedReply {
  readonly status: number;
  /** The reply to HEAD: no body follows its head. */
  readonly head: boolean;
  readonly fields: readonly ExpectedField[];
  /** All field names there are, in any order; undefined: further ones may stand there. */
  readonly only: readonly string[] | undefined;
  /**
   * Text, '@FILE' (a file of the site), 'gzip@FILE' (that file once decoded), '0-1,4-5@FILE' (these
   * bytes of it); undefined: anything.
   */
  readonly body: string | undefined;
}

export interface SpecCase {
  readonly title: string;
  readonly line: number;
  /** Source of the request: see encode(). */
  readonly source: string;
  readonly halfClose: boolean;
  readonly replies: readonly ExpectedReply[];
  readonly end: 'open' | 'closed';
}

export interface Encoded {
  readonly bytes: Buffer;
  /** The first reply comes when so many bytes were sent, and not before; undefined: not said. */
  readonly answeredAt: number | undefined;
}

interface Block {
  readonly language: string;
  readonly flags: readonly string[];
  readonly line: number;
  readonly text: string;
}

const MARK = '\ue000';
const PLACEHOLDER = /\{\{([^{}]+)\}\}/g;

/** Every case of a document. Throws with file and line when the document is not well formed. */
export function parseSpec(document: string, text: string): SpecCase[] {
  const cases: SpecCase[] = [];
  let title = '';
  let requests: Block[] = [];
  for (const item of readItems(document, text)) {
    if (typeof item === 'string') {
      if (requests.length > 0)
        throw new Error(`${document}:${requests[0]!.line}: no reply follows`);
      title = item;
    } else if (item.language === 'http') {
      requests.push(item);
    } else {
      if (requests.length === 0)
        throw new Error(`${document}:${item.line}: no request stands above`);
      const expected = parseReplies(document, item);
      for (const request of requests) cases.push(makeCase(document, title, request, expected));
      requests = [];
    }
  }
  if (requests.length > 0) throw new Error(`${document}:${requests[0]!.line}: no reply follows`);
  return cases;
}

/** The site that the line `Site: NAME` above the first heading names; undefined: there is none. */
export function siteOf(text: string): string | undefined {
  const front = text.split(/^## /m, 1)[0]!;
  return /^Site: (\S+)$/m.exec(front)?.[1];
}

/** The names in {{...}} of a text. */
export function placeholders(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => match[1]!);
}

export function fillIn(text: string, known: ReadonlyMap<string, string>): string {
  return text.replaceAll(PLACEHOLDER, (_, name: string) => {
    const value = known.get(name);
    if (value === undefined) throw new Error(`nothing is known of {{${name}}}`);
    return value;
  });
}

/** Turns the source of a request into the bytes on the wire. */
export function encode(source: string, known: ReadonlyMap<string, string>): Encoded {
  const lines = fillIn(source, known).split('\n');
  let text = '';
  for (const line of lines) {
    // An odd number of backslashes at the end: the last one takes the line's end away.
    const joined = /(?:^|[^\\])(?:\\\\)*\\$/.test(line);
    text += joined ? line.slice(0, -1) : `${line}\\r\\n`;
  }
  const whole = lines.includes('') || source.endsWith('\\');
  const plain = unescape(whole ? text : `${text}\\r\\n`);
  const at = plain.indexOf(MARK);
  const bytes = Buffer.from(plain.replace(MARK, ''), 'latin1');
  return { bytes, answeredAt: at < 0 ? undefined : at };
}

/**
 * `\r \n \t \\ \" \xHH`, `\!` (a mark) and `\*N{text}` (text N times). Other characters are sent as
 * UTF-8.
 */
function unescape(text: string): string {
  const repeated = text.replaceAll(/\\\*(\d+)\{([^}]*)\}/g, (_, count: string, part: string) =>
    part.repeat(Number(count)),
  );
  return bytesOf(repeated).replaceAll(/\\(x[0-9a-fA-F]{2}|.)/g, (whole, code: string) => {
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    const plain = { r: '\r', n: '\n', t: '\t', '\\': '\\', '"': '"', '!': MARK }[code];
    if (plain === undefined) throw new Error(`no such escape: ${whole}`);
    return plain;
  });
}

/** UTF-8, a character a byte: the form in which replies are compared. */
function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Headings and fenced blocks in order; prose is for the reader. */
function* readItems(document: string, text: string): Generator<string | Block> {
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.startsWith('## ')) yield line.slice(3).trim();
    if (!line.startsWith('```')) continue;
    const [language = '', ...flags] = line.slice(3).trim().split(/\s+/);
    const end = lines.indexOf('```', at + 1);
    if (end < 0) throw new Error(`${document}:${at + 1}: the block has no end`);
    if (language !== 'http' && language !== 'reply') {
      throw new Error(`${document}:${at + 1}: a block is either http or reply`);
    }
    yield { language, flags, line: at + 1, text: lines.slice(at + 1, end).join('\n') };
    at = end;
  }
}

function makeCase(
  document: string,
  title: string,
  request: Block,
  expected: Pick<SpecCase, 'replies' | 'end'>,
): SpecCase {
  for (const flag of request.flags) {
    if (flag !== 'half-close')
      throw new Error(`${document}:${request.line}: no such flag: ${flag}`);
  }
  const halfClose = request.flags.includes('half-close');
  return { title, line: request.line, source: request.text, halfClose, ...expected };
}

function parseReplies(document: string, block: Block): Pick<SpecCase, 'replies' | 'end'> {
  const lines = block.text.split('\n').filter((line) => line.trim() !== '');
  const end = lines.pop();
  if (end !== 'open' && end !== 'closed') {
    throw new Error(`${document}:${block.line}: the last line is either open or closed`);
  }
  try {
    return { replies: lines.map(parseReplyLine), end };
  } catch (error) {
    throw new Error(`${document}:${block.line}: ${(error as Error).message}`, { cause: error });
  }
}

const TOKEN = /\s*(!?)([A-Za-z0-9-]+)(?:=("(?:[^"\\]|\\.)*"|\S+))?(?=\s|$)/y;

function parseReplyLine(line: string): ExpectedReply {
  const start = /^([1-5]\d\d)(?=\s|$)/.exec(line);
  if (!start) throw new Error(`a reply starts with a status: ${line}`);
  const fields: ExpectedField[] = [];
  let [head, only, body]: [boolean, string[] | undefined, string | undefined] = [
    false,
    undefined,
    undefined,
  ];
  TOKEN.lastIndex = 3;
  while (TOKEN.lastIndex < line.trimEnd().length) {
    const token = TOKEN.exec(line);
    if (!token) throw new Error(`cannot read this reply: ${line}`);
    const [, absent, name = '', raw] = token;
    const value = raw?.startsWith('"') ? unescape(raw.slice(1, -1)) : raw && bytesOf(raw);
    if (absent) fields.push({ name, value: undefined });
    else if (name === 'head' && value === undefined) head = true;
    else if (value === undefined) throw new Error(`${name} says nothing: ${line}`);
    else if (name === 'only') only = value.split(',');
    else if (name === 'body') body = value;
    else fields.push({ name, value });
  }
  return { status: Number(start[1]), head, fields, only, body };
}
