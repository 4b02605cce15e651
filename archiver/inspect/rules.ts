// rules.ts: the tables of rules in an archive, in the words of `_redirects`.
import { cdbRecords } from '../../src/format/cdb.ts';
import { KEY_DIGEST_BYTES, KEY_RULES } from '../../src/format/layout.ts';
import { decodeRoute } from '../../src/format/route.ts';
import type { Route } from '../../src/format/route.ts';
import { decodeRules } from '../../src/format/rules.ts';
import type { Rule } from '../../src/format/rules.ts';
import { fieldOf, identityOf } from '../reader.ts';
import { destinationText, patternText } from '../rules/text.ts';
import { keyPrefix } from '../target.ts';
import type { SoundArchive } from '../verify.ts';

export interface ShownRule {
  /** Before it '@' and the host, where it is of one; captures are :1, :2 and a star. */
  readonly key: string;
  readonly host: string;
  readonly status: number;
  /** Where it leads; undefined: it answers with a body. */
  readonly to: string | undefined;
  /** Undefined: it answers with what is at `to`. */
  readonly route: Route | undefined;
}

const KEY = new RegExp(`^${KEY_RULES}(?:@(.+))?$`);
const LOOKUP_STATUS = 200;

/** In the order in which they are tried, site by site; with a host those of its site alone. */
export function* eachRule(archive: SoundArchive, only?: string): Generator<ShownRule> {
  for (const record of cdbRecords(archive.bytes)) {
    const { key } = record;
    const match = key.length === KEY_DIGEST_BYTES ? null : KEY.exec(Buffer.from(key).toString());
    const host = match?.[1] ?? '';
    if (!match || (only !== undefined && only !== host)) continue;
    for (const rule of sound(decodeRules(record.value))) yield shownRule(archive, rule, host);
  }
}

/** One line, the same for rules that do the same; a body is named by its digest. */
export function ruleLine({ bytes }: SoundArchive, { key, status, to, route }: ShownRule): string {
  if (to !== undefined) return `${key} ${to} ${status}`;
  const { bodyAt } = identityOf(route!);
  const digest = Buffer.from(bytes.subarray(bodyAt - (KEY_DIGEST_BYTES - 1), bodyAt));
  return `${key} (body ${digest.toString('hex').slice(0, 16)}) ${status}`;
}

function shownRule(archive: SoundArchive, rule: Rule, host: string): ShownRule {
  const { segments, splat, route: record } = rule;
  const key = keyPrefix(host) + patternText(segments, splat);
  const route = record.length === 0 ? undefined : sound(decodeRoute(record));
  const status = route?.status ?? LOOKUP_STATUS;
  const stored = route?.redirect ? fieldOf(archive, identityOf(route), 'Location') : '';
  const to = destinationText(rule) || stored || undefined;
  return { key, host, status, to, route };
}

function sound<Value>(value: Value | string): Value {
  if (typeof value === 'string') throw new Error(`the verifier let this pass: ${value}`);
  return value;
}
