// text.ts: rules of an archive as people read them.
import {
  PIECE_KIND_QUERY,
  PIECE_KIND_TEXT,
  RULE_KIND_LOOKUP,
  RULE_KIND_ROUTE,
} from '../../src/format/layout.ts';
import type { Rule } from '../../src/format/rules.ts';

/** Captures are numbered, since an archive does not keep their names. */
export function patternText(segments: readonly (string | undefined)[], splat: boolean): string {
  let capture = 0;
  const parts = segments.map((text) =>
    text === undefined || text === '' ? `:${++capture}` : text,
  );
  return ['', ...parts, ...(splat ? ['*'] : [])].join('/') || '/';
}

/** Where a rule leads whose answer is not fixed; '' for one with a route. */
export function destinationText({ kind, segments, splat, pieces }: Rule): string {
  if (kind === RULE_KIND_ROUTE) return '';
  const captures = segments.filter((text) => text === '').length;
  const texts = pieces.map((piece) => {
    if (piece.kind === PIECE_KIND_TEXT) return piece.text;
    if (piece.kind === PIECE_KIND_QUERY) return '';
    return splat && piece.capture === captures ? ':splat' : `:${piece.capture + 1}`;
  });
  return (kind === RULE_KIND_LOOKUP ? 'as ' : '') + texts.join('');
}
