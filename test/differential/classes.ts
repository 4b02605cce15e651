// classes.ts: reads test/differential/differences.md, and says which classes a difference is in.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/paths.ts';
import type { Answer } from './answers.ts';

export interface Class {
  readonly name: string;
  /** Of the request; or a status of ours; `error`: any of 400 and above. */
  readonly mark: string;
  readonly differs: readonly string[];
  /** Source of a request, as in test/spec. */
  readonly example: string;
  readonly nginx: string;
  readonly ours: string;
  readonly reason: string;
}

/** What a class pins in each of our answers; the others depend on what was asked for. */
const PINNED = new Set(['status', 'connection', 'allow', 'vary', 'coding', 'etag', 'interim']);

const THROUGH = ['200', '206', '304'];
const AFTER = ['404', '406', '412', '416'];

export function readClasses(): Class[] {
  const page = join(packageRoot, 'test', 'differential', 'differences.md');
  const rows = readFileSync(page, 'utf8')
    .split('\n')
    .filter((line) => /^\| (?!class )/.test(line));
  return rows.map((row) => {
    const cells = row
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim());
    if (cells.length !== 7) throw new Error(`differences.md: not seven cells: ${row}`);
    const [name, mark, differs, example, nginx, ours, reason] = cells as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const plain = example.replace(/^`|`$/g, '');
    return { name, mark, differs: differs.split(', '), example: plain, nginx, ours, reason };
  });
}

/** As the cells of the page: status, connection, then what of the rest differs. */
export function shown(answer: Answer, differing: readonly string[]): string {
  const rest = differing
    .filter((name) => name !== 'body' && answer.aspects.has(name))
    .map((name) => `; ${name} ${answer.aspects.get(name)!}`);
  return `${answer.status} ${answer.connection}${rest.join('')}`;
}

/** The classes that one aspect in which our answer differs is in. */
export function classesOf(
  classes: readonly Class[],
  marks: ReadonlySet<string>,
  aspect: string,
  ours: Answer,
): Class[] {
  return classes.filter(
    (one) =>
      one.differs.includes(aspect) &&
      (marks.has(one.mark) ||
        one.mark === ours.status ||
        (one.mark === 'error' && isError(ours))) &&
      (!PINNED.has(aspect) || isAsPinned(one, aspect, ours)),
  );
}

function isAsPinned({ ours: cell }: Class, aspect: string, ours: Answer): boolean {
  const pinned = valueOf(cell, aspect);
  if (aspect === 'connection') return pinned === ours.connection;
  if (aspect !== 'status') return pinned === ours.aspects.get(aspect);
  return pinned === ours.status || (THROUGH.includes(pinned!) && goesOn(ours.status));
}

/** A request that is let through gets what the rest of it asks for. */
function goesOn(status: string): boolean {
  return THROUGH.includes(status) || AFTER.includes(status);
}

function valueOf(cell: string, aspect: string): string | undefined {
  const [first, ...rest] = cell.split('; ');
  if (aspect === 'status') return first!.split(' ')[0];
  if (aspect === 'connection') return first!.split(' ')[1];
  return rest.find((text) => text.startsWith(`${aspect} `))?.slice(aspect.length + 1);
}

function isError(answer: Answer): boolean {
  return answer.status >= '400' && answer.status <= '599';
}
