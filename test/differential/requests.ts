// requests.ts: makes requests from a seed: plain ones, and ones with a few oddities, each of which
// leaves its mark.
import { xorshift } from '../support/site.ts';
import { BODIES, FIELDS, HOSTS, METHODS, PATHS, RANGES, TARGETS, VERSIONS } from './words.ts';
import type { Choice } from './words.ts';

export interface Request {
  /** Latin-1; `{{etag PATH}}` and `{{etag PATH gzip}}` stand for what the server asked gives. */
  readonly text: string;
  readonly method: string;
  /** Names of the oddities in it, for test/differential/differences.md. */
  readonly marks: ReadonlySet<string>;
}

interface Draft {
  method: string;
  target: string;
  version: string;
  host: string[];
  fields: string[];
  body: string;
  readonly marks: Set<string>;
  /** Done to the finished bytes. */
  last: (text: string) => string;
}

type Random = () => number;
type Oddity = (draft: Draft, random: Random) => void;

const ODDITIES: readonly Oddity[] = [
  (draft, random) => (draft.target = pick(TARGETS, draft, random, 'target')),
  (draft, random) => (draft.target = pick(TARGETS, draft, random, 'target')),
  (draft, random) => (draft.method = pick(METHODS, draft, random, 'method')),
  (draft, random) => (draft.version = pick(VERSIONS, draft, random, 'version')),
  (draft, random) => (draft.host = [`Host: ${pick(HOSTS, draft, random, 'host')}`]),
  (draft) => (draft.host = []),
  (draft) => (draft.host = ['Host: a', 'Host: a']),
  ...Array.from<Oddity>({ length: 4 }).fill((draft, random) => {
    draft.fields.push(pick(FIELDS, draft, random));
  }),
  ...Array.from<Oddity>({ length: 2 }).fill((draft, random) => {
    if (!draft.marks.has('range')) draft.fields.push(pick(RANGES, draft, random));
    draft.marks.add('range');
  }),
  (draft, random) => {
    const [line, body, mark] = BODIES[random() % BODIES.length]!;
    if (draft.marks.has('length')) return;
    draft.fields.push(line);
    draft.body = body;
    draft.marks.add('length').add(mark ?? 'length');
  },
  (draft, random) => {
    draft.marks.add('line-end');
    const line = random();
    draft.last = (text) => bareLineFeed(text, line);
  },
  (draft) => {
    draft.marks.add('empty-lines');
    draft.last = (text) => `\r\n\r\n${text}`;
  },
  (draft) => (draft.last = (text) => `\r\n${text}`),
  (draft) => {
    draft.marks.add('line-spaces');
    draft.last = (text) => text.replace(' ', '  ');
  },
  (draft) => {
    draft.marks.add('simple-request');
    draft.last = (text) => text.replace(/ HTTP\/[^]*$/, '\r\n');
  },
];

/** Where the two may choose another coding, whose tag is another. */
const CODING_MARKS = ['coding-star', 'x-gzip', 'coding-weights', 'coding-lines', 'repeated-field'];

/** The same requests for the same seed. */
export function* requests(count: number, seed: number): Generator<Request> {
  const random = xorshift(seed);
  for (let at = 0; at < count; at++) {
    const draft: Draft = {
      method: random() % 8 === 0 ? 'HEAD' : 'GET',
      target: PATHS[random() % PATHS.length]!,
      version: 'HTTP/1.1',
      host: ['Host: a'],
      fields: [],
      body: '',
      marks: new Set(),
      last: (text) => text,
    };
    if (draft.method === 'HEAD') draft.marks.add('head');
    const oddities = [0, 1, 1, 1, 1, 2, 2, 3][random() % 8]!;
    for (let odd = 0; odd < oddities; odd++) {
      ODDITIES[random() % ODDITIES.length]!(draft, random);
    }
    markTogether(draft);
    yield { text: draft.last(written(draft)), method: draft.method, marks: draft.marks };
  }
}

function pick(choices: readonly Choice[], draft: Draft, random: Random, kind?: string): string {
  if (kind !== undefined) draft.marks.add(kind);
  const [value, mark] = choices[random() % choices.length]!;
  if (mark !== undefined) draft.marks.add(mark);
  return value;
}

/** Fields that differ only beside each other. */
function markTogether(draft: Draft): void {
  const names = draft.fields
    .flatMap((field) => field.split('\r\n'))
    .map((line) => line.slice(0, line.indexOf(':')));
  const has = (...all: readonly string[]): boolean => all.every((name) => names.includes(name));
  const known = names.filter((name) => !/^X|^$/.test(name));
  if (new Set(known).size < known.length) draft.marks.add('repeated-field');
  if (has('If-None-Match', 'If-Modified-Since')) draft.marks.add('two-validators');
  if (has('If-Match', 'If-Unmodified-Since')) draft.marks.add('two-preconditions');
  if (has('Range', 'Accept-Encoding')) draft.marks.add('coded-range');
  const tagged = has('If-Match') || has('If-None-Match') || has('If-Range');
  if (tagged && CODING_MARKS.some((mark) => draft.marks.has(mark))) draft.marks.add('coded-tag');
  if (has('Range') && draft.target === '/empty.txt') draft.marks.add('empty-range');
  if (has('Range') && draft.method === 'HEAD') draft.marks.add('head-range');
}

function written(draft: Draft): string {
  const path = PATHS.includes(draft.target) ? draft.target : '/page.html';
  const fields = draft.fields.map((line) =>
    line.replace('{etag}', `{{etag ${path}}}`).replace('{gzip-etag}', `{{etag ${path} gzip}}`),
  );
  const line = `${draft.method} ${draft.target} ${draft.version}`;
  return [line, ...draft.host, ...fields, '', draft.body].join('\r\n');
}

/** One line of the head, the `nth` round about, ends with LF alone. */
function bareLineFeed(text: string, nth: number): string {
  const head = text.slice(0, text.indexOf('\r\n\r\n') + 4);
  const ends = [...head.matchAll(/\r\n/g)].map(({ index }) => index);
  const at = ends[nth % ends.length]!;
  return text.slice(0, at) + text.slice(at + 1);
}
