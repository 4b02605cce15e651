// text.ts: rules of an archive as people read them.
import { PIECE_KIND_QUERY, PIECE_KIND_TEXT } from '../../src/format/layout.ts';
import type { Rule } from '../../src/format/rules.ts';

/** Captures are numbered, since an archive does not keep their names. */
export function patternText(segments: readonly (string | undefined)[], splat: boolean): string {
  let capture = 0;
  const parts = segments.map((text) =>
    text === undefined || text === '' ? `:${++capture}` : text,
  );
  return ['', ...parts, ...(splat ? ['*'] : [])].join('/') || '/';
}

/** What a rule makes of its captures; '' for one whose answer is fixed. */
export function destinationText({ segments, splat, pieces }: Rule): string {
  const captures = segments.filter((text) => text === '').length;
  const texts = pieces.map(({ kind, capture, text }) => {
    if (kind === PIECE_KIND_TEXT) return text;
    if (kind === PIECE_KIND_QUERY) return '';
    return splat && capture === captures ? ':splat' : `:${capture + 1}`;
  });
  return texts.join('');
}
