// naive.ts: what a pattern matches, by a regular expression: the reference for our matchers.
import fc from 'fast-check';

/** Segments of a pattern over few names, so that it often matches. */
export function patternWords(): fc.Arbitrary<string[]> {
  const word = fc.constantFrom('a', 'b', 'c%20d', '%C3%BC', ':');
  return fc
    .tuple(fc.array(word, { maxLength: 5 }), fc.boolean())
    .map(([words, splat]) => [
      ...words.map((each, at) => (each === ':' ? `:p${at}` : each)),
      ...(splat ? ['*'] : []),
    ]);
}

/** Captures of a sound pattern in a decoded path. */
export function naiveMatch(pattern: string, path: string): string[] | undefined {
  const parts = pattern.split('/').filter((part) => part !== '');
  const splat = parts.at(-1) === '*';
  const body = (splat ? parts.slice(0, -1) : parts).map((part) => {
    if (part.startsWith(':')) return '/([^/]+)';
    return `/${decodeURIComponent(part).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;
  });
  const match = new RegExp(`^${body.join('')}${splat ? '(?:/(.*))?' : '/?'}$`, 'su').exec(path);
  return match ? match.slice(1).map((capture) => capture ?? '') : undefined;
}
