// pattern.ts: which entries of an archive are meant by the beginning of a path, or by stars in it.
import type { Entry } from '../reader.ts';

/**
 * Without a star the beginning; else the whole, where a star stands for any characters, also '/'.
 * What begins with '/' is held against paths, all else against keys as list shows them.
 */
export function makeFilter(pattern: string): (entry: Pick<Entry, 'key'>) => boolean {
  const parts = pattern.split('*');
  const wholeKey = !pattern.startsWith('/');
  const test = parts.length === 1 ? (text: string) => text.startsWith(pattern) : matcher(parts);
  return ({ key }) => test(wholeKey ? key : key.slice(key.indexOf('/')));
}

/** Each part at its first place after the one before: no text takes long, whatever the pattern. */
function matcher(parts: readonly string[]): (text: string) => boolean {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  const between = parts.slice(1, -1);
  return (text) => {
    const end = text.length - last.length;
    if (!text.startsWith(first) || !text.endsWith(last) || end < first.length) return false;
    let at = first.length;
    for (const part of between) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}
