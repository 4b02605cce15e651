// run_facts.ts: what the verifier asks of the text of a run, learnt once for all that have it.

/** Of a run of whole lines. */
export interface RunFacts {
  readonly malformed: boolean;
  /** A field that the server itself writes, or that would break framing. */
  readonly owned: boolean;
  /** Fields of run 3 and no others, or of run 2: some run has both. */
  readonly onlyContent: boolean;
  readonly noContent: boolean;
  readonly sharing: boolean;
  readonly etags: number;
  readonly types: number;
  readonly varies: boolean;
  readonly coding: string | undefined;
  readonly modified: string | undefined;
  readonly ranges: string | undefined;
}

/** A million files have some hundred runs together: longer ones, or more, are learnt anew. */
const TEXT_CHARACTERS_MAX = 1024;
const TEXTS_MAX = 4096;

const FIELDS = /^(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t\x20-\x7e\x80-\xff]*\r\n)*$/;
const OWNED =
  /^(?:connection|content-(?:length|range)|date|keep-alive|te|trailer|transfer-encoding):/im;
const CONTENT = /^(?:accept-ranges|content-(?:type|encoding|language)|last-modified|location):/im;
const OTHERS =
  /^(?!(?:accept-ranges|content-(?:type|encoding|language)|last-modified|location):)[^\r\n]/im;
const SHARING = /^access-control-/im;
const CODING = /^content-encoding: ([^\r\n]*)/im;
const VARY = /^vary: ([^\r\n]*)/im;
const MODIFIED = /^last-modified: ([^\r\n]*)/im;
const RANGES = /^accept-ranges: ([^\r\n]*)/im;

const known = new Map<string, RunFacts>();

export function factsOf(text: string): RunFacts {
  if (text.length > TEXT_CHARACTERS_MAX) return learn(text);
  let facts = known.get(text);
  if (facts) return facts;
  const own = ownCopy(text);
  facts = learn(own);
  if (known.size === TEXTS_MAX) known.clear();
  known.set(own, facts);
  return facts;
}

/** A slice would keep the whole block in memory. */
function ownCopy(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function learn(text: string): RunFacts {
  const vary = VARY.exec(text)?.[1] ?? '';
  return {
    malformed: !FIELDS.test(text),
    owned: OWNED.test(text),
    onlyContent: !OTHERS.test(text),
    noContent: !CONTENT.test(text),
    sharing: SHARING.test(text),
    etags: text.match(/^etag:/gim)?.length ?? 0,
    types: text.match(/^content-type:/gim)?.length ?? 0,
    varies: /(?:^|,)\s*accept-encoding\s*(?:,|$)/i.test(vary),
    coding: CODING.exec(text)?.[1],
    modified: MODIFIED.exec(text)?.[1],
    ranges: RANGES.exec(text)?.[1],
  };
}
