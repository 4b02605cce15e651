// tree.ts: rules on the tree as a whole: what must stand beside what.
import { basename, dirname, join } from 'node:path/posix';
import { packagesOf } from './imports.ts';
import { isProgram } from './source.ts';

/** Paths from the root to their texts. */
export type Tree = ReadonlyMap<string, string>;

/** Sources without a test of their own name: what tests them, and why there. */
const WITHOUT_TWIN: Readonly<Record<string, readonly [test: string, why: string]>> = {
  'src/preview/messages.ts': ['test/preview', 'types alone: both ends have them'],
  'src/worker_plan.ts': ['test/supervisor.test.ts', 'both are the start of the service'],
  'src/cdbserve_main.ts': ['test/cdbserve.test.ts', 'both are the command'],
  'archiver/cdbpack_main.ts': ['test/archiver/cdbpack.test.ts', 'both are the command'],
  'archiver/cdbinspect_main.ts': ['test/archiver/cdbinspect.test.ts', 'both are the command'],
  'archiver/inspect/subcommand.ts': ['test/archiver/inspect', 'types alone: what each has'],
};

const RING_LINES_MAX = 1_000;
const TOP_FOLDERS = 'src|archiver|native|test|scripts|docs|bench|site|deploy|man|.ci';
const PATH_IN_CODE = new RegExp(`^(?:${TOP_FOLDERS.replaceAll('.', '\\.')})/[\\w./@-]*$`);
const FILE_IN_CODE = /^[\w-]+(\.[\w-]+)*\.(ts|mjs|cc|h|sh|md|json|jsonl)$/;
/** Built, written by a run, or somebody else's: named in the documents and not in the tree. */
const NOT_IN_TREE = /^(native\/build|(test\/full-|bench\/)ledger\.jsonl|bench\/results|napi\.h)/;

/**
 * `src/hot/parse.ts` is tested by `test/hot/parse.test.ts`, `archiver/scan.ts` by
 * `test/archiver/scan.test.ts`.
 */
export function testTwins(tree: Tree, without = WITHOUT_TWIN): readonly string[] {
  const sources = [...tree.keys()].filter((path) => /^(src|archiver)\/.*\.ts$/.test(path));
  const missing = sources.flatMap((path) => {
    const twin = `test/${path.replace(/^src\//, '').replace(/\.ts$/, '.test.ts')}`;
    const exception = without[path];
    if (exception) return exceptionFaults(tree, path, twin, exception[0]);
    return tree.has(twin) ? [] : [`${path}: has no test ${twin}`];
  });
  const stale = Object.keys(without).filter((path) => !tree.has(path));
  return [...missing, ...stale.map((path) => `${path}: an exception for a file that is gone`)];
}

function exceptionFaults(tree: Tree, path: string, twin: string, tests: string): string[] {
  if (tree.has(twin)) return [`${path}: has ${twin} now, and needs no exception`];
  const exists = [...tree.keys()].some((file) => file === tests || file.startsWith(`${tests}/`));
  return exists ? [] : [`${path}: there is no ${tests} to test it`];
}

/** Links and file names in `code` of the documents lead to a file. */
export function documentReferences(tree: Tree): readonly string[] {
  const folders = new Set([...tree.keys()].flatMap(parents));
  const names = new Set([...tree.keys()].map((path) => basename(path)));
  const exists = (path: string): boolean => {
    const plain = path.replace(/\/$/, '');
    return tree.has(plain) || folders.has(plain) || NOT_IN_TREE.test(plain);
  };
  return documents(tree).flatMap(([path, line, number]) => {
    const links = [...line.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((match) => match[1]!);
    const codes = [...line.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
    const dead = [
      ...links.filter((link) => !/^[a-z]+:/.test(link) && !exists(join(dirname(path), link))),
      ...codes.filter((code) => PATH_IN_CODE.test(code) && !exists(code)),
      ...codes.filter((code) => FILE_IN_CODE.test(code) && !names.has(code) && !exists(code)),
    ];
    return dead.map((reference) => `${path}:${number}: there is no ${reference}`);
  });
}

/**
 * Every dependency has its line in docs/dependencies.md, and every imported package is a
 * dependency.
 */
export function dependencies(tree: Tree): readonly string[] {
  const manifest = JSON.parse(tree.get('package.json') ?? '{}') as Manifest;
  const runtime = Object.keys(manifest.dependencies ?? {});
  const all = [...runtime, ...Object.keys(manifest.devDependencies ?? {})];
  const page = tree.get('docs/dependencies.md') ?? '';
  const undocumented = all
    .filter((name) => !page.includes(`\`${name}\``))
    .map((name) => `package.json: ${name} has no line in docs/dependencies.md`);
  const unlisted = [...tree].flatMap(([path, text]) => {
    if (!isProgram(path)) return [];
    const shipped = /^(src|archiver)\//.test(path);
    return packagesOf(path, text)
      .filter((name) => !(shipped ? runtime : all).includes(name))
      .map(
        (name) => `${path}: ${name} is no ${shipped ? 'run-time ' : ''}dependency in package.json`,
      );
  });
  return [...undocumented, ...unlisted];
}

/** Every claim of docs/threats.md names a test; that it exists is for documentReferences. */
export function claims(tree: Tree): readonly string[] {
  const page = tree.get('docs/threats.md') ?? '';
  const rows = page.split('\n').filter((line) => /^\| (?!claim \|)/.test(line));
  const bare = rows.filter((row) => !/`(native\/)?test\/[^`]+`/.test(row));
  return bare.map((row) => `docs/threats.md: a claim without a test: ${row}`);
}

/**
 * The ring is the only native code that touches what a stranger sends: its size is a promise. Lines
 * of code are counted, not comments and empty lines.
 */
export function ringSize(tree: Tree): readonly string[] {
  const parts = [...tree].filter(([path]) => /^native\/ring\w*\.cc$/.test(path));
  const lines = parts.flatMap(([, text]) =>
    text
      .replaceAll(/\/\*[^]*?\*\//g, '')
      .split('\n')
      .filter((line) => !/^\s*(\/\/|$)/.test(line)),
  );
  return lines.length <= RING_LINES_MAX
    ? []
    : [`native/ring*: ${lines.length} lines of code, at most ${RING_LINES_MAX}`];
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Lines of all Markdown outside fenced blocks. */
function documents(tree: Tree): readonly (readonly [string, string, number])[] {
  return [...tree]
    .filter(([path]) => path.endsWith('.md'))
    .flatMap(([path, text]) => {
      let fenced = false;
      return text.split('\n').flatMap((line, index) => {
        if (line.startsWith('```')) fenced = !fenced;
        return fenced ? [] : [[path, line, index + 1] as const];
      });
    });
}

function parents(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [parent, ...parents(parent)];
}
