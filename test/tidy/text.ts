// text.ts: rules that read a file as lines.
import { basename } from 'node:path';
import { isNative, isProgram, isTest } from './source.ts';
import type { Rule } from './source.ts';

const WIDTH_MAX = 100;
const FILE_LINES_MAX = 300;

/** Copied from standards or read as one table; with the reason. */
const LONG_FILES: Readonly<Record<string, string>> = {};

export const firstLine: Rule = (path, text) => {
  if (!isProgram(path) && !isNative(path) && !path.endsWith('.sh')) return [];
  const lines = text.split('\n');
  const line = lines[0]!.startsWith('#!') ? lines[1] : lines[0];
  const opening = path.endsWith('.sh') ? '# ' : isNative(path) ? '(// |/\\* )' : '// ';
  // A script may have its arguments between name and colon.
  const usage = path.endsWith('.sh') ? '( [A-Z]+)*' : '';
  const name = basename(path).replaceAll('.', '\\.');
  if (new RegExp(`^${opening}${name}${usage}: \\S`).test(line ?? '')) return [];
  const mark = path.endsWith('.sh') ? '#' : '//';
  return [`${path}:1: the first line must be "${mark} ${basename(path)}: what this file is"`];
};

export const lineWidth: Rule = (path, text) => {
  if (!isProgram(path) && !isNative(path) && !path.endsWith('.sh')) return [];
  return text.split('\n').flatMap((line, index) => {
    const width = [...line].length;
    if (isTest(path) && hasText(line)) return [];
    return width <= WIDTH_MAX
      ? []
      : [`${path}:${index + 1}: ${width} columns, at most ${WIDTH_MAX}`];
  });
};

/** Prettier breaks no string: in a test the sentence or the input in it may be long. */
function hasText(line: string): boolean {
  return !/^\s*(\/\/|\*|\/\*)/.test(line) && /['"`]/.test(line);
}

export const fileLength: Rule = (path, text) => {
  if (!isProgram(path) || isTest(path) || path in LONG_FILES) return [];
  const lines = text.split('\n').length - 1;
  return lines <= FILE_LINES_MAX ? [] : [`${path}: ${lines} lines, at most ${FILE_LINES_MAX}`];
};

/** Core files know nothing of Node: only the bindings and their argument gate do. */
export const nativeCore: Rule = (path, text) => {
  if (!isNative(path) || /_binding\.(cc|h)$|\/gate\.h$/.test(path)) return [];
  return text
    .split('\n')
    .flatMap((line, index) =>
      /^\s*#\s*include\s*[<"](napi|node|uv|v8|gate)[._/h]/.test(line)
        ? [`${path}:${index + 1}: a core file includes no header of Node`]
        : [],
    );
};

export const machinePaths: Rule = (path, text) =>
  text.split('\n').flatMap((line, index) => {
    const found = /(^|[\s'"`(=])\/(work|home|root)\/\w/.exec(line);
    return found ? [`${path}:${index + 1}: a path of one machine: ${found[0].trim()}`] : [];
  });
