// failures.ts: the texts of all errors that a source can raise, read from the source itself.
//
// What is only known when it runs is … in them.
import ts from 'typescript6';
import { descendants, parse } from '../tidy/source.ts';

export interface Raised {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** `sources`: paths to texts. Functions that make a text are followed from one to the other. */
export function failuresOf(sources: ReadonlyMap<string, string>): Raised[] {
  const files = [...sources].map(([path, text]) => [path, parse(path, text)] as const);
  const makers = new Map(files.flatMap(([, file]) => returnsOf(file)));
  const known: Known = { makers, calls: callsOf(files.map(([, file]) => file)) };
  return files.flatMap(([path, file]) =>
    [...descendants(file)].flatMap((node) => {
      const texts = raisedBy(node, known).map((text) => text.replaceAll(/…+/g, ANY));
      const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
      return [...new Set(texts)].map((text) => ({ path, line, text }));
    }),
  );
}

const ANY = '…';

interface Known {
  /** Functions that do nothing but return a text, by their names. */
  readonly makers: ReadonlyMap<string, ts.Expression>;
  /** Calls of functions by their names. */
  readonly calls: ReadonlyMap<string, readonly ts.CallExpression[]>;
}

function raisedBy(node: ts.Node, known: Known): string[] {
  if (ts.isNewExpression(node) && node.expression.getText() === 'Failure') {
    const text = node.arguments?.[1];
    // What usageFailure() itself raises is told of its callers.
    if (!text || text.getText().includes('command.program')) return [];
    return textsOf(text, known);
  }
  if (ts.isCallExpression(node) && node.expression.getText() === 'usageFailure') {
    return textsOf(node.arguments[1]!, known).map((text) => `${text} Try ${ANY} --help.`);
  }
  return [];
}

function returnsOf(file: ts.SourceFile): [string, ts.Expression][] {
  return [...descendants(file)].flatMap((node): [string, ts.Expression][] => {
    if (!ts.isFunctionDeclaration(node) || !node.name || node.body?.statements.length !== 1) {
      return [];
    }
    const only = node.body.statements[0]!;
    const found = ts.isReturnStatement(only) ? only.expression : undefined;
    return found && isText(found) ? [[node.name.text, found]] : [];
  });
}

function callsOf(files: readonly ts.SourceFile[]): Known['calls'] {
  const found = new Map<string, ts.CallExpression[]>();
  for (const call of files.flatMap((file) => [...descendants(file)].filter(ts.isCallExpression))) {
    const name = call.expression.getText();
    found.set(name, [...(found.get(name) ?? []), call]);
  }
  return found;
}

function isText(node: ts.Node): boolean {
  if (ts.isParenthesizedExpression(node)) return isText(node.expression);
  if (ts.isBinaryExpression(node)) return isText(node.left);
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

function textsOf(node: ts.Node, known: Known): string[] {
  const inner = (each: ts.Node): string[] => textsOf(each, known);
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isParenthesizedExpression(node)) return inner(node.expression);
  if (ts.isTemplateExpression(node)) {
    const parts = node.templateSpans.map((span) => [inner(span.expression), [span.literal.text]]);
    return parts.flat().reduce(joined, [node.head.text]);
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return joined(inner(node.left), inner(node.right));
  }
  if (ts.isConditionalExpression(node)) return [...inner(node.whenTrue), ...inner(node.whenFalse)];
  if (ts.isCallExpression(node)) return calledTexts(node, known);
  if (ts.isIdentifier(node)) {
    const declared = declarationOf(node);
    return declared ? inner(declared) : argumentsFor(node, known);
  }
  return [ANY];
}

function joined(lefts: readonly string[], rights: readonly string[]): string[] {
  return lefts.flatMap((left) => rights.map((right) => left + right));
}

/** Of a parameter: what the function is called with, when these are plain texts. */
function argumentsFor(name: ts.Identifier, { calls }: Known): string[] {
  const around = ts.findAncestor(name, ts.isFunctionDeclaration);
  const index = around?.parameters.findIndex((each) => each.name.getText() === name.text) ?? -1;
  if (index < 0) return [ANY];
  const given = (calls.get(around?.name?.text ?? '') ?? []).map((call) => call.arguments[index]);
  const texts = given.flatMap((each) => (each && ts.isStringLiteralLike(each) ? [each.text] : []));
  return texts.length === given.length && texts.length > 0 ? texts : [ANY];
}

/** A maker of texts, `text.trim()`, or `lines.join()`, of which the first line will do. */
function calledTexts(node: ts.CallExpression, known: Known): string[] {
  const { expression } = node;
  const maker = known.makers.get(expression.getText());
  if (maker) return textsOf(maker, known);
  if (!ts.isPropertyAccessExpression(expression)) return [ANY];
  if (expression.name.text === 'trim') return textsOf(expression.expression, known);
  const lines = ts.isIdentifier(expression.expression) && declarationOf(expression.expression);
  if (!lines || !ts.isArrayLiteralExpression(lines)) return [ANY];
  return textsOf(lines.elements[0]!, known).map((text) => text + ANY);
}

/** What a name of a function around it or of the file was made with. */
function declarationOf(name: ts.Identifier): ts.Expression | undefined {
  for (let scope: ts.Node = name.parent; scope; scope = scope.parent) {
    if (!ts.isBlock(scope) && !ts.isSourceFile(scope)) continue;
    for (const statement of scope.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      for (const { name: given, initializer } of statement.declarationList.declarations) {
        if (given.getText() === name.text) return initializer;
      }
    }
  }
  return undefined;
}
