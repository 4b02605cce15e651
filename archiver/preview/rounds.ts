// rounds.ts: looks at the folders of a site again and again, and packs what has changed.
import { existsSync } from 'node:fs';
import { EXIT, Failure } from '../../src/errors.ts';
import { loadCdb } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import type { Changes, Message, Packed, Refused } from '../../src/preview/messages.ts';
import type { PackOptions } from '../options.ts';
import { decide, findFiles, makeArchive } from '../packing.ts';
import type { Decided, Found } from '../packing.ts';
import { Pool } from '../pool.ts';
import type { HeaderRule } from '../rules/headers_file.ts';
import { readHeaders } from '../rules/headers_file.ts';
import { readLines } from '../rules/rule_file.ts';
import { UNWATCHED } from '../follow.ts';
import type { Site } from '../site.ts';
import { isOutputOf } from '../temporary.ts';
import { printable } from '../text.ts';
import { warningLines } from '../warnings.ts';
import { KeptFiles } from './kept_files.ts';
import { Notice } from './notice.ts';
import { Snapshot, stampOf } from './snapshot.ts';
import { Watches } from './watches.ts';

/** Resolves when the conductor has made use of it. */
export type Tell = (message: Message) => Promise<void>;

/**
 * What is not heard of is found by a look now and then: changes behind symbolic links, on network
 * drives, in folders that are not watched. Looks take one part of the time in so many at most.
 */
interface Pace {
  readonly waitMs: number;
  readonly parts: number;
}
const CALM: Pace = { waitMs: 2_000, parts: 50 };
/** Where not all can be watched, or what there was is gone and will be back. */
const HURRIED: Pace = { waitMs: 400, parts: 10 };

/** A state that cannot be packed and is no longer the state may be a step of somebody's work. */
const PASSED_OVER_MAX = 5;

const NO_STORE: readonly HeaderRule[] = readHeaders(
  readLines(Buffer.from('/*\n  Cache-Control: no-store')),
).rules;

interface Look {
  readonly found: Found;
  readonly snapshot: Snapshot;
}

export class Rounds {
  readonly #options: PackOptions;
  readonly #target: string;
  readonly #tell: Tell;
  readonly #notice = new Notice();
  readonly #watches = new Watches(() => this.#notice.note());
  readonly #reader = new Pool(1);
  readonly #kept = new KeptFiles(loadCdb(addonPath('cdb')), this.#reader);
  /** Of the last archive. */
  #packed: Snapshot | undefined;
  #warnings: ReadonlySet<string> = new Set();
  /** What is told of the state there is; undefined: it is packed. */
  #refused: string | undefined;
  #passedOver = 0;
  #isSlow = false;
  /** What another round would cost if nothing had changed. */
  #costMs = 0;

  /** `target` is where the archive is written, again and again. */
  constructor(options: PackOptions, target: string, tell: Tell) {
    this.#options = options;
    this.#target = target;
    this.#tell = tell;
  }

  /** Rejects with our own faults alone. */
  async run(): Promise<never> {
    this.#reader.warm();
    let noticed = Date.now();
    for (;;) {
      await this.#round(noticed);
      await this.#tellIfSlow();
      const { waitMs, parts } = this.#isSlow || this.#refused !== undefined ? HURRIED : CALM;
      noticed = await this.#notice.next(Math.max(waitMs, parts * this.#costMs));
    }
  }

  /** Leaves nothing that would keep the process alive. */
  async close(): Promise<void> {
    this.#watches.close();
    await this.#reader.close();
  }

  async #round(noticed: number): Promise<void> {
    const started = performance.now();
    try {
      const look = this.#look();
      this.#costMs = performance.now() - started;
      const changes = this.#changesIn(look);
      if (changes) await this.#pack(look, changes, noticed);
      else if (this.#refused !== undefined) await this.#tell({ kind: 'restored' });
      this.#refused = undefined;
      this.#passedOver = 0;
    } catch (error) {
      if (!(error instanceof Failure) || error.exitCode === EXIT.bug) throw error;
      this.#costMs = performance.now() - started;
      await this.#refuse(error);
    }
  }

  #look(): Look {
    const { sites } = this.#options;
    if (this.#packed) sites.forEach(expectThere);
    const stamps: string[] = [];
    this.#kept.begin(Date.now());
    const found = findFiles(this.#options, {
      isOutput: isOutputOf(this.#target),
      onFolder: (path) => this.#watches.enter(path),
      onFound: (file) => {
        const stamp = stampOf(file);
        stamps.push(stamp);
        this.#kept.found(file, stamp);
      },
    });
    this.#watches.sweep();
    if (found.files.length === 0) throw nothingThere(this.#options);
    return { found, snapshot: new Snapshot(sites, found.files, stamps) };
  }

  /** Undefined: there are none. */
  #changesIn({ snapshot }: Look): Changes | undefined {
    if (!this.#packed) return { count: 0, first: [] };
    const changes = snapshot.changesSince(this.#packed);
    return changes.count > 0 ? changes : undefined;
  }

  async #pack({ found, snapshot }: Look, changes: Changes, noticed: number): Promise<void> {
    const { modified } = this.#options;
    const now = Math.floor(Date.now() / 1000);
    const options = { ...this.#options, modified: { ...modified, now } };
    const decided = decide(options, found, NO_STORE);
    const report = await makeArchive(decided, options, {
      target: this.#target,
      watch: UNWATCHED,
      reader: this.#kept,
      durable: false,
      note: () => undefined,
    });
    const packed: Packed = {
      kind: 'packed',
      archive: this.#target,
      files: report.manifest.files,
      archiveBytes: report.archiveBytes,
      changes,
      warnings: this.#newWarnings(decided),
      hasRoot: hasRoot(decided),
      noticed,
    };
    this.#packed = snapshot;
    await this.#tell(packed);
    this.#kept.keep(this.#target);
  }

  #newWarnings({ warnings }: Decided): string {
    const lines = warningLines(warnings).split(/(?<=\n)/);
    const fresh = lines.filter((line) => !this.#warnings.has(line));
    this.#warnings = new Set(lines);
    return fresh.join('');
  }

  async #refuse({ message, exitCode }: Failure): Promise<void> {
    if (this.#notice.isNew && this.#passedOver++ < PASSED_OVER_MAX) return;
    this.#passedOver = 0;
    if (this.#refused === message) return;
    this.#refused = message;
    const refused: Refused = { kind: 'refused', text: message, exitCode };
    await this.#tell(refused);
  }

  async #tellIfSlow(): Promise<void> {
    const { full } = this.#watches;
    if (this.#isSlow || full === undefined) return;
    this.#isSlow = true;
    await this.#tell({ kind: 'slower', text: slowerText(full) });
  }
}

function expectThere({ root }: Site): void {
  if (existsSync(root)) return;
  throw new Failure(EXIT.failure, `the folder ${printable(root)} is gone.`);
}

function nothingThere({ sites, includeHidden }: PackOptions): Failure {
  const roots = sites.map(({ root }) => printable(root)).join(', ');
  const hidden = includeHidden ? '' : ' beside names that begin with a dot';
  const text = `${roots} holds no file to serve${hidden}.`;
  const remedy = 'Build the site first, or name the folder that it is built into.';
  return new Failure(EXIT.failure, `${text} ${remedy}`);
}

function hasRoot({ plan }: Decided): boolean {
  if (plan.rewrites.length > 0 || plan.redirects.tables.length > 0) return true;
  if (plan.redirects.routes.some(({ key }) => key === '/')) return true;
  for (const { key } of plan.routes) if (key === '/') return true;
  return false;
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'Raise it with sysctl fs.inotify.max_user_watches=1048576.',
  EMFILE: 'Raise it with sysctl fs.inotify.max_user_instances=1024, or ulimit -n.',
};

function slowerText(code: string): string {
  const text = `some folders are not watched (inotify: ${code}), changes in them show later.`;
  return `${text} A limit of this machine is reached. ${REMEDIES[code] ?? ''}`.trim();
}
