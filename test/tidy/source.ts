// source.ts: parses our sources for the rules of the tidy test.
import ts from 'typescript6';

/** A rule is pure: path (from the root, with slashes) and text in, findings out. */
export type Rule = (path: string, text: string) => readonly string[];

export interface Comment {
  readonly at: number;
  readonly text: string;
}

let latest: ts.SourceFile | undefined;

/** Several rules look at the same file one after another: it is parsed once. */
export function parse(path: string, text: string): ts.SourceFile {
  if (latest?.fileName === path && latest.text === text) return latest;
  const kind = path.endsWith('.mjs') ? ts.ScriptKind.JS : ts.ScriptKind.TS;
  latest = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true, kind);
  return latest;
}

export function isProgram(path: string): boolean {
  return /\.(ts|mjs)$/.test(path);
}

export function isNative(path: string): boolean {
  return /\.(cc|c|h)$/.test(path);
}

export function isTest(path: string): boolean {
  return path.startsWith('test/');
}

export function finding(source: ts.SourceFile, position: number, message: string): string {
  const line = source.getLineAndCharacterOfPosition(position).line + 1;
  return `${source.fileName}:${line}: ${message}`;
}

/** Every node below `node`, itself left out, the outer before the inner. */
export function* descendants(node: ts.Node): Generator<ts.Node> {
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) {
    yield child;
    yield* descendants(child);
  }
}

export function comments(source: ts.SourceFile): readonly Comment[] {
  const found = new Map<number, Comment>();
  const visit = (node: ts.Node): void => {
    const ranges = [
      ...(ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(source.text, node.getEnd()) ?? []),
    ];
    for (const { pos, end } of ranges) {
      found.set(pos, { at: pos, text: source.text.slice(pos, end) });
    }
    for (const child of node.getChildren(source)) visit(child);
  };
  visit(source);
  return [...found.values()].sort((left, right) => left.at - right.at);
}

export function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}
