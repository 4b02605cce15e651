// syntax.ts: rules on what the sources may say, wherever they stand.
import ts from 'typescript6';
import { comments, descendants, finding, isFunction, isNative, isProgram } from './source.ts';
import { isTest, parse } from './source.ts';
import type { Rule } from './source.ts';

const FUNCTION_LINES_MAX = 60;
const MARKER = /\b(FIXME|TODO|XXX)\b/;
const SWITCHED_OFF = /@ts-(ignore|expect-error|nocheck)|oxlint-disable|eslint-disable/;
const RUNNERS = new Set(['test', 'it', 'describe', 'suite', 'bench']);
const NOT_RUN = new Set(['only', 'skip', 'skipIf', 'runIf', 'todo', 'fails']);
/** Vitest reads the default export of its configuration. */
const DEFAULT_EXPORTS = new Set(['vitest.config.ts']);

export const functionLength: Rule = (path, text) => {
  if (!isProgram(path) || isTest(path)) return [];
  const source = parse(path, text);
  return [...descendants(source)].filter(isFunction).flatMap((node) => {
    const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
    const lines = source.getLineAndCharacterOfPosition(node.getEnd()).line - first + 1;
    if (lines <= FUNCTION_LINES_MAX) return [];
    return [
      finding(source, node.getStart(source), `${lines} lines, at most ${FUNCTION_LINES_MAX}`),
    ];
  });
};

export const leftovers: Rule = (path, text) => {
  if (isNative(path) || /(\.sh|\.gyp)$/.test(path)) {
    return text.split('\n').flatMap((line, index) => {
      const marker = MARKER.exec(line);
      return marker ? [`${path}:${index + 1}: ${marker[1]} is left over`] : [];
    });
  }
  if (!isProgram(path)) return [];
  const source = parse(path, text);
  return comments(source).flatMap((comment) => {
    const found = MARKER.exec(comment.text) ?? SWITCHED_OFF.exec(comment.text);
    return found ? [finding(source, comment.at, `${found[0]} is left over`)] : [];
  });
};

export const typeEscapes: Rule = (path, text) => {
  if (!isProgram(path)) return [];
  const source = parse(path, text);
  return [...descendants(source)].flatMap((node) =>
    node.kind === ts.SyntaxKind.AnyKeyword
      ? [finding(source, node.getStart(source), 'the type any switches the checks off')]
      : [],
  );
};

export const defaultExport: Rule = (path, text) => {
  if (!isProgram(path) || DEFAULT_EXPORTS.has(path)) return [];
  const source = parse(path, text);
  return source.statements.flatMap((statement) =>
    isDefaultExport(statement)
      ? [finding(source, statement.getStart(source), 'a default export has no name')]
      : [],
  );
};

/** A test that is switched off, or that switches the others off. */
export const notRun: Rule = (path, text) => {
  if (!isTest(path) || !isProgram(path)) return [];
  const source = parse(path, text);
  return [...descendants(source)].flatMap((node) => {
    if (!ts.isPropertyAccessExpression(node) || !NOT_RUN.has(node.name.text)) return [];
    if (!RUNNERS.has(rootName(node))) return [];
    return [finding(source, node.getStart(source), `.${node.name.text} keeps tests from running`)];
  });
};

function isDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true;
  if (ts.isExportDeclaration(statement) && statement.exportClause) {
    const { exportClause } = statement;
    if (ts.isNamedExports(exportClause)) {
      return exportClause.elements.some((element) => element.name.text === 'default');
    }
  }
  if (!ts.canHaveModifiers(statement)) return false;
  const modifiers = ts.getModifiers(statement) ?? [];
  return modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword);
}

/** `test` of `test.each(rows).skip`. */
function rootName(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node)) {
    return rootName(node.expression);
  }
  return '';
}
