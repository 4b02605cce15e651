// imports.ts: which file may import which, as a table. The zones are described in
// docs/architecture.md.
import { join, dirname } from 'node:path/posix';
import ts from 'typescript6';
import { descendants, finding, isProgram, parse } from './source.ts';
import type { Rule } from './source.ts';

interface Zone {
  readonly files: RegExp;
  /** Beginnings of paths. */
  readonly may: readonly string[];
  /** As `may`, for `import type` alone. */
  readonly mayTypes?: readonly string[];
  readonly node: boolean;
  readonly packages: boolean;
}

/** Programs: they are started, never imported. */
const MAINS = [
  'src/cdbserve.ts',
  'src/worker.ts',
  'src/verifier.ts',
  'archiver/cdbpack.ts',
  'archiver/cdbinspect.ts',
  'archiver/preview.ts',
  'archiver/thread.ts',
];

const HOT = ['src/hot/', 'src/limits.ts', ...['layout', 'hash', 'bytes'].map(formatFile)];
const SHARED = ['src/format/', 'src/limits.ts', 'src/errors.ts', 'src/native.ts'];
const SERVING = ['src/boot/', 'src/hot/', ...SHARED];
/** Orders and verdicts are words between processes, said at one end, understood at the other. */
const OPERATING = ['src/ops/', 'src/boot/orders.ts', 'src/boot/verdict.ts', ...SHARED];
const CONFIG = ['config', 'addresses', 'networks'].map((name) => `src/${name}.ts`);
const CONTROL = [
  'src/cli.ts',
  'src/paths.ts',
  'src/log.ts',
  'src/events.ts',
  'src/node_version.ts',
];
const PACKING = ['archiver/', ...SHARED, ...CONTROL, 'src/site_options.ts'];
/** Of the conductor of a preview its packer knows the words, and nothing else. */
const WORDS = ['src/preview/messages.ts'];
const VERIFYING = [...PACKING, 'src/boot/archive.ts', 'src/boot/digest.ts'];
const ALL_OURS = ['test/', 'src/', 'archiver/', 'bench/', 'scripts/'];

/** The first row that fits a file holds. */
export const ZONES: readonly Zone[] = [
  { files: /^src\/hot\//, may: HOT, node: false, packages: false },
  { files: /^src\/format\//, may: ['src/format/', 'src/limits.ts'], node: false, packages: false },
  { files: /^src\/boot\//, may: SERVING, mayTypes: CONFIG, node: true, packages: false },
  {
    files: /^src\/ops\//,
    may: [...OPERATING, ...CONTROL],
    mayTypes: CONFIG,
    node: true,
    packages: false,
  },
  { files: /^src\/native\.ts$/, may: ['src/errors.ts'], node: true, packages: false },
  { files: /^src\/(limits|errors|paths|node_version)\.ts$/, may: [], node: true, packages: false },
  { files: /^src\/(worker|verifier)\.ts$/, may: SERVING, node: true, packages: false },
  { files: /^src\//, may: ['src/'], node: true, packages: false },
  { files: /^archiver\/(write|verify)\.ts$/, may: VERIFYING, node: true, packages: true },
  {
    files: /^archiver\/preview[./]/,
    may: PACKING,
    mayTypes: WORDS,
    node: true,
    packages: true,
  },
  { files: /^archiver\//, may: PACKING, node: true, packages: true },
  { files: /^bench\//, may: ['bench/', 'src/', 'archiver/'], node: true, packages: true },
  { files: /^scripts\//, may: ['scripts/'], node: true, packages: true },
  { files: /^test\//, may: ALL_OURS, node: true, packages: true },
  { files: /^[^/]+$/, may: [], node: true, packages: true },
];

export const importDirections: Rule = (path, text) => {
  if (!isProgram(path)) return [];
  const source = parse(path, text);
  const zone = ZONES.find(({ files }) => files.test(path));
  if (!zone) return [`${path}: belongs to no zone of test/tidy/imports.ts`];
  return imports(source).flatMap(({ specifier, at, typeOnly }) => {
    const fault = faultOf(zone, path, specifier, typeOnly);
    return fault ? [finding(source, at, `${path} must not import ${fault}`)] : [];
  });
};

/** Names of npm packages that a file imports. */
export function packagesOf(path: string, text: string): readonly string[] {
  return imports(parse(path, text))
    .map(({ specifier }) => specifier)
    .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
    .map((specifier) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    );
}

function faultOf(
  zone: Zone,
  path: string,
  specifier: string,
  typeOnly: boolean,
): string | undefined {
  if (specifier.startsWith('node:')) return zone.node ? undefined : specifier;
  if (!specifier.startsWith('.')) return zone.packages ? undefined : specifier;
  const target = join(dirname(path), specifier);
  if (MAINS.includes(target)) return `${target}, a program`;
  const may = typeOnly ? [...zone.may, ...(zone.mayTypes ?? [])] : zone.may;
  return may.some((beginning) => target.startsWith(beginning)) ? undefined : target;
}

function formatFile(name: string): string {
  return `src/format/${name}.ts`;
}

interface Import {
  readonly specifier: string;
  readonly at: number;
  readonly typeOnly: boolean;
}

/** Static imports, exports from elsewhere, import() and require() of a literal. */
function imports(source: ts.SourceFile): readonly Import[] {
  return [...descendants(source)].flatMap((node) => {
    const at = node.getStart(source);
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const named = node.moduleSpecifier;
      if (!named || !ts.isStringLiteral(named)) return [];
      const typeOnly = ts.isImportDeclaration(node) && node.importClause?.isTypeOnly === true;
      return [{ specifier: named.text, at, typeOnly }];
    }
    if (!ts.isCallExpression(node)) return [];
    const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
    const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require';
    const argument = node.arguments[0];
    if (!(isImport || isRequire) || !argument || !ts.isStringLiteral(argument)) return [];
    return [{ specifier: argument.text, at, typeOnly: false }];
  });
}
