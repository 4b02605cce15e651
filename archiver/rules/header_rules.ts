// header_rules.ts: what the rules of `_headers` do to the answer of a path.
//
// Of a path that no rule matches nothing is kept, of the others one value for each set of rules
// that match together.
import { join } from 'node:path';
import { EXIT, Failure } from '../../src/errors.ts';
import { HEAD_BLOCK_BYTES_MAX } from '../../src/format/layout.ts';
import { count, printable } from '../text.ts';
import { HEADERS_FILE } from './headers_file.ts';
import type { Edit, HeaderRule } from './headers_file.ts';
import { coversFolder, foldPath, matches, onlyPath } from './pattern.ts';
import type { SiteHeaders } from './site_headers.ts';

/** What all rules that match do together; by name in small letters. */
export type Edits = ReadonlyMap<string, Edit>;

export const NO_EDITS: Edits = new Map();

export class HeaderRules {
  /** By the host of a site; '' is the default one. */
  readonly #sites: ReadonlyMap<string, SiteRules>;

  constructor(files: readonly SiteHeaders[]) {
    const withRules = files.filter(({ rules }) => rules.length > 0);
    this.#sites = new Map(withRules.map((file) => [file.site.host, new SiteRules(file)]));
  }

  /** For the route of a key: '/a' or '@host/a'. */
  forKey(key: string): Edits {
    return this.#find(key, (site, path) => site.forPath(path));
  }

  /** For an answer to whatever is below a folder: '/', '/docs/' or '@host/docs/'. */
  forFolder(folder: string): Edits {
    return this.#find(folder, (site, path) => site.forFolder(path));
  }

  /** The header block of a key is too long. */
  overflow(key: string, edits: Edits, bytes: number): Failure {
    const { host, path } = splitKey(key);
    const file = this.#sites.get(host)?.file ?? HEADERS_FILE;
    const lines = [...new Set([...edits.values()].map(({ line }) => line))];
    const places = lines.sort((left, right) => left - right).join(', ');
    const text =
      `the headers of ${printable(path)} have ${count(bytes)} bytes, ` +
      `and ${count(HEAD_BLOCK_BYTES_MAX)} is the most. `;
    const remedy = `Shorten what ${printable(file)} has for it in the lines ${places}.`;
    return new Failure(EXIT.failure, text + remedy);
  }

  #find(key: string, find: (site: SiteRules, path: string) => Edits): Edits {
    if (this.#sites.size === 0) return NO_EDITS;
    const { host, path } = splitKey(key);
    const site = this.#sites.get(host);
    return site ? find(site, foldPath(path)) : NO_EDITS;
  }
}

class SiteRules {
  readonly file: string;
  readonly #rules: readonly HeaderRule[];
  /** Places in `rules` of those for one path alone. */
  readonly #single = new Map<string, number[]>();
  readonly #wide: number[] = [];
  readonly #together = new Map<string, Edits>();

  constructor({ site, rules }: SiteHeaders) {
    this.file = join(site.root, HEADERS_FILE);
    this.#rules = rules;
    for (const [index, { pattern }] of rules.entries()) {
      const path = onlyPath(pattern);
      if (path === undefined) this.#wide.push(index);
      else this.#single.set(path, [...(this.#single.get(path) ?? []), index]);
    }
  }

  forPath(path: string): Edits {
    const wide = this.#wide.filter((index) => matches(this.#rules[index]!.pattern, path));
    const single = this.#single.get(path) ?? [];
    return this.#edits([...wide, ...single].sort((left, right) => left - right));
  }

  forFolder(folder: string): Edits {
    return this.#edits(
      this.#wide.filter((index) => coversFolder(this.#rules[index]!.pattern, folder)),
    );
  }

  #edits(indices: readonly number[]): Edits {
    if (indices.length === 0) return NO_EDITS;
    const name = indices.join();
    const known = this.#together.get(name);
    if (known) return known;
    const edits = together(indices.map((index) => this.#rules[index]!));
    this.#together.set(name, edits);
    return edits;
  }
}

/** A later rule wins; but whatever an answer varies by, it varies by. */
function together(rules: readonly HeaderRule[]): Edits {
  const all = new Map<string, Edit>();
  for (const { edits } of rules) {
    for (const [name, edit] of edits) {
      const before = name === 'vary' ? (all.get(name)?.values ?? []) : [];
      all.set(name, { ...edit, values: [...before, ...edit.values] });
    }
  }
  return all;
}

function splitKey(key: string): { host: string; path: string } {
  const at = key.indexOf('/');
  return { host: key.slice(1, at), path: key.slice(at) };
}
