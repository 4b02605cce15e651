// hot.ts: the law of src/hot/: nothing in a function there allocates, throws or waits.
//
// Syntax alone is seen here: boxed numbers and what V8 inlines are for a measurement. What runs
// once at load is free: the top level, and functions of the file that only the top level calls.
import ts from 'typescript6';
import { descendants, finding, isFunction, parse } from './source.ts';
import type { Rule } from './source.ts';

/** Outside src/hot/ and called from there for each request. */
const HASH_FILE = 'src/format/hash.ts';
/** The one file that calls the addon. */
const ADDON_FILE = 'src/hot/ring.ts';

/** What the law cannot see through, file by file; with the reason. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  [ADDON_FILE]: ['ring.turn', 'ring.flush'], // The addon: numbers in, a number out.
  'src/hot/loop.ts': ['control'], // An order of the supervisor, not a request.
};

const K = ts.SyntaxKind;
const FORBIDDEN: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [K.NewExpression, 'new allocates'],
  [K.ObjectLiteralExpression, 'an object literal allocates'],
  [K.ArrayLiteralExpression, 'an array literal allocates'],
  [K.ArrowFunction, 'a closure allocates'],
  [K.FunctionExpression, 'a closure allocates'],
  [K.FunctionDeclaration, 'a closure allocates'],
  [K.ClassExpression, 'a class allocates'],
  [K.ClassDeclaration, 'a class allocates'],
  [K.TemplateExpression, 'a template literal allocates'],
  [K.NoSubstitutionTemplateLiteral, 'a template literal allocates'],
  [K.TaggedTemplateExpression, 'a template literal allocates'],
  [K.SpreadElement, 'spread allocates'],
  [K.SpreadAssignment, 'spread allocates'],
  [K.RegularExpressionLiteral, 'a regular expression allocates'],
  [K.BigIntLiteral, 'a bigint allocates'],
  [K.ForOfStatement, 'for-of makes an iterator'],
  [K.ForInStatement, 'for-in makes an iterator'],
  [K.ObjectBindingPattern, 'destructuring may make an iterator'],
  [K.ArrayBindingPattern, 'destructuring makes an iterator'],
  [K.ThrowStatement, 'hot code does not throw'],
  [K.TryStatement, 'hot code does not catch'],
  [K.AwaitExpression, 'hot code does not wait'],
  [K.YieldExpression, 'hot code does not wait'],
  [K.DeleteExpression, 'delete changes the shape of an object'],
]);

/** Methods of typed arrays and views that make nothing. */
const QUIET_METHODS = new Set([
  'fill',
  'copyWithin',
  'indexOf',
  'getUint8',
  'getUint16',
  'getInt32',
]);
const QUIET_OBJECTS = new Set(['Math', 'Atomics']);
const GLOBALS = new Set([
  'arguments',
  'globalThis',
  'process',
  'console',
  'Buffer',
  'Date',
  'JSON',
]);

export const hotLaw: Rule = (path, text) => {
  if (!path.startsWith('src/hot/') && path !== HASH_FILE) return [];
  const source = parse(path, text);
  const atLoad = loadTimeFunctions(source);
  const bodies = outerFunctions(source).filter((node) => !atLoad.has(node));
  return [...mentionsOfNative(source), ...bodies.flatMap((node) => faultsOf(source, node))];
};

function faultsOf(source: ts.SourceFile, body: ts.FunctionLikeDeclaration): readonly string[] {
  const callable = callableNames(source);
  const faults: string[] = [];
  const add = (node: ts.Node, message: string): void =>
    void faults.push(finding(source, node.getStart(source), message));
  const modifiers = ts.canHaveModifiers(body) ? (ts.getModifiers(body) ?? []) : [];
  if (modifiers.some(({ kind }) => kind === K.AsyncKeyword)) add(body, 'async makes a promise');
  if (body.asteriskToken) add(body, 'a generator makes an iterator');
  if (body.parameters.some((parameter) => parameter.dotDotDotToken)) {
    add(body, 'a rest parameter makes an array');
  }
  for (const node of descendants(body)) {
    const forbidden = FORBIDDEN.get(node.kind);
    if (forbidden) add(node, forbidden);
    if (isTextSum(node)) add(node, 'joining texts allocates');
    if (ts.isIdentifier(node) && GLOBALS.has(node.text) && !isPropertyName(node)) {
      add(node, `${node.text} does not belong here`);
    }
    if (ts.isCallExpression(node) && !isQuietCall(source, node, callable)) {
      const name = node.expression.getText(source);
      add(node, `${name}() is not known to make nothing`);
    }
  }
  return faults;
}

/**
 * Functions under the same law (of this file or imported), and the few built in known to make
 * nothing.
 */
function isQuietCall(
  source: ts.SourceFile,
  call: ts.CallExpression,
  callable: { readonly names: ReadonlySet<string>; readonly namespaces: ReadonlySet<string> },
): boolean {
  const callee = call.expression;
  if (CALLS[source.fileName]?.includes(callee.getText(source))) return true;
  if (ts.isIdentifier(callee)) return callable.names.has(callee.text);
  if (!ts.isPropertyAccessExpression(callee)) return false;
  if (QUIET_METHODS.has(callee.name.text)) return true;
  const owner = callee.expression.getText(source);
  return QUIET_OBJECTS.has(owner) || callable.namespaces.has(owner);
}

function callableNames(source: ts.SourceFile) {
  const names = new Set(outerFunctions(source).map(nameOf));
  const namespaces = new Set<string>();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !isUnderLaw(statement)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings && ts.isNamespaceImport(bindings)) namespaces.add(bindings.name.text);
    if (bindings && ts.isNamedImports(bindings)) {
      for (const element of bindings.elements) names.add(element.name.text);
    }
  }
  return { names, namespaces };
}

/** `./parse.ts`, or the hash: not `../format/bytes.ts`, which makes tables at load. */
function isUnderLaw(statement: ts.ImportDeclaration): boolean {
  const specifier = statement.moduleSpecifier;
  return ts.isStringLiteral(specifier) && /^\.\/|^\.\.\/format\/hash\.ts$/.test(specifier.text);
}

/** Declared functions, and functions that a top-level variable holds. */
function outerFunctions(source: ts.SourceFile): readonly ts.FunctionLikeDeclaration[] {
  return source.statements.flatMap((statement): readonly ts.FunctionLikeDeclaration[] => {
    if (ts.isFunctionDeclaration(statement)) return isFunction(statement) ? [statement] : [];
    if (ts.isClassDeclaration(statement))
      return [...statement.members].flatMap((member) => (isFunction(member) ? [member] : []));
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations.flatMap(({ initializer }) =>
      initializer && isFunction(initializer) ? [initializer] : [],
    );
  });
}

/** Not exported, and named only by the top level or by other such functions. */
function loadTimeFunctions(source: ts.SourceFile): ReadonlySet<ts.Node> {
  const functions = outerFunctions(source);
  const atLoad = new Set<ts.Node>(
    functions.filter((node) => ts.isFunctionDeclaration(node) && !isExported(node)),
  );
  const uses = [...descendants(source)].filter(ts.isIdentifier);
  for (let shrinking = true; shrinking;) {
    shrinking = false;
    for (const node of atLoad) {
      const name = nameOf(node as ts.FunctionLikeDeclaration);
      const fromHot = uses.some(
        (use) => use.text === name && isHotUse(use, node, functions, atLoad),
      );
      if (fromHot) shrinking = atLoad.delete(node);
    }
  }
  return atLoad;
}

function isHotUse(
  use: ts.Identifier,
  declared: ts.Node,
  functions: readonly ts.FunctionLikeDeclaration[],
  atLoad: ReadonlySet<ts.Node>,
): boolean {
  if (use.parent === declared) return false;
  if (ts.isExportSpecifier(use.parent)) return true;
  const outer = functions.find((node) => node.pos <= use.pos && use.end <= node.end);
  return outer !== undefined && !atLoad.has(outer);
}

function mentionsOfNative(source: ts.SourceFile): readonly string[] {
  if (source.fileName === ADDON_FILE) return [];
  return [...descendants(source)].flatMap((node) =>
    (ts.isIdentifier(node) || ts.isStringLiteral(node)) && /native|dlopen|\.node$/i.test(node.text)
      ? [finding(source, node.getStart(source), `only ${ADDON_FILE} touches the addon`)]
      : [],
  );
}

function isTextSum(node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node)) return false;
  const { kind } = node.operatorToken;
  if (kind !== K.PlusToken && kind !== K.PlusEqualsToken) return false;
  return [node.left, node.right].some((side) => ts.isStringLiteralLike(side) || isTextSum(side));
}

function isPropertyName(node: ts.Identifier): boolean {
  return ts.isPropertyAccessExpression(node.parent) && node.parent.name === node;
}

function isExported(node: ts.FunctionDeclaration): boolean {
  return (ts.getModifiers(node) ?? []).some(({ kind }) => kind === K.ExportKeyword);
}

function nameOf(node: ts.FunctionLikeDeclaration): string {
  if (node.name && ts.isIdentifier(node.name)) return node.name.text;
  if (ts.isVariableDeclaration(node.parent) && ts.isIdentifier(node.parent.name)) {
    return node.parent.name.text;
  }
  return '';
}
