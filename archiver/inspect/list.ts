// list.ts: cdbinspect list: every path of the archive and what it answers.
import { EXIT } from '../../src/errors.ts';
import { CODING_IDENTITY } from '../../src/format/layout.ts';
import { HOST, hostGiven } from './host.ts';
import { codingName, entriesOf, fieldOf } from '../reader.ts';
import type { Entry } from '../reader.ts';
import { printable, table } from '../text.ts';
import type { SoundArchive } from '../verify.ts';
import type { Subcommand } from '../inspect.ts';

export const list: Subcommand = {
  name: 'list',
  operand: '',
  options: [{ flag: '--json', help: 'print JSON' }, HOST],
  help: 'every path, its status, length, codings and type',
  examples: ['cdbinspect list site.cdb'],
  run({ archive, given, out }) {
    const found = entriesOf(archive, hostGiven(archive, given));
    const entries = found.map((entry) => describe(archive, entry));
    if (given.has('--json')) out.write(`${JSON.stringify(entries)}\n`);
    else out.write(table(entries.map(toRow), [1]));
    return EXIT.ok;
  },
};

interface Listed {
  readonly key: string;
  readonly status: number;
  readonly location?: string;
  readonly type?: string;
  /** Body bytes by coding, the preferred one first. */
  readonly bytes: Readonly<Record<string, number>>;
}

function describe(archive: SoundArchive, { key, route }: Entry): Listed {
  const { status, redirect, variants } = route;
  const bytes = Object.fromEntries(
    variants.map((variant) => [codingName(variant), variant.bodyBytes]),
  );
  const first = variants.find(({ coding }) => coding === CODING_IDENTITY)!;
  if (redirect) return { key, status, location: fieldOf(archive, first, 'Location'), bytes };
  return { key, status, type: fieldOf(archive, first, 'Content-Type'), bytes };
}

function toRow({ key, status, location, type, bytes }: Listed): string[] {
  const codings = Object.keys(bytes).filter((name) => name !== 'identity');
  const length = location === undefined ? String(bytes['identity']) : '';
  return [
    String(status),
    length,
    codings.join(',') || '-',
    type ?? '-',
    printable(key) + (location === undefined ? '' : ` -> ${location}`),
  ];
}
