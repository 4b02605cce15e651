// pattern.ts: patterns of paths in `_headers`, and the paths they match.
//
// `:name` is one segment; `*` is any characters, of several segments too; a `*` that is a whole
// segment is any number of segments, none as well. Small and capital letters are alike, and a slash
// at the end makes no difference.
//
// No regular expression, and no way back: what stands between two `*` is searched from the left,
// and the leftmost place is always right, because the end of a piece never moves left when its
// start moves right. So each place of the path is tried once.

/** One segment, which is not empty. */
const NAME = Symbol('name');
/** Nothing; a slash or the end of the path follows. */
const BOUNDARY = Symbol('boundary');
/** What stands between two `*`; text is folded. */
type Piece = readonly (string | typeof NAME | typeof BOUNDARY)[];

export interface Pattern {
  /** Any characters are between two of them; the first is at the beginning of the path. */
  readonly pieces: readonly Piece[];
}

/** For tests: how much work a match was. */
export interface Work {
  /** Places of the path at which a piece was tried. */
  tries: number;
}

const NAME_SEGMENT = /^:[A-Za-z][A-Za-z0-9_]*$/;
/** In no pattern. */
const UNKNOWN_SEGMENT = '/\0';
const FAILED = -1;

/** The pattern, or what is wrong with its text: whole sentences. */
export function readPattern(text: string): Pattern | string {
  const pieces: Piece[] = [];
  let piece: (string | typeof NAME | typeof BOUNDARY)[] = [];
  const endPiece = () => {
    pieces.push(piece);
    piece = [];
  };
  for (const segment of text.split('/').filter((part) => part !== '')) {
    const fault = faultOfSegment(segment);
    if (fault !== undefined) return fault;
    if (/^\*+$/.test(segment)) {
      piece.push(BOUNDARY);
      endPiece();
    } else if (segment.startsWith(':')) piece.push('/', NAME);
    else {
      const [first, ...rest] = segment.split('*');
      piece.push(fold(`/${decodeURIComponent(first!)}`));
      for (const chunk of rest) {
        endPiece();
        if (chunk !== '') piece.push(fold(decodeURIComponent(chunk)));
      }
    }
  }
  endPiece();
  return { pieces };
}

/** A path, decoded, in the form that `matches` takes. */
export function foldPath(path: string): string {
  return fold(path.endsWith('/') ? path.slice(0, -1) : path);
}

/** Whether a path matches; it comes from foldPath(). */
export function matches({ pieces }: Pattern, path: string, work?: Work): boolean {
  let at = 0;
  for (let index = 0; index < pieces.length; index++) {
    const isLast = index === pieces.length - 1;
    at = findPiece(pieces[index]!, path, at, { fixed: index === 0, toEnd: isLast, work });
    if (at === FAILED) return false;
  }
  return true;
}

/**
 * Whether every path that begins with the folder matches; '/docs/', folded as paths are. Letters of
 * a pattern stand for themselves alone, so that names it does not have are matched last of all; and
 * where it matches more of them than it has segments, a `*` takes them, and takes any number.
 */
export function coversFolder(pattern: Pattern, folder: string): boolean {
  const segments = pattern.pieces.reduce((sum, piece) => sum + piece.length, 0);
  for (let depth = 0; depth <= segments + 1; depth++) {
    if (!matches(pattern, folder + UNKNOWN_SEGMENT.repeat(depth))) return false;
  }
  return true;
}

/** A pattern without `*` and `:name` matches one path alone: this one, folded. */
export function onlyPath({ pieces }: Pattern): string | undefined {
  const [piece] = pieces;
  const fixed = pieces.length === 1 && piece!.every((item) => typeof item === 'string');
  return fixed ? piece!.join('') : undefined;
}

interface Search {
  readonly fixed: boolean;
  readonly toEnd: boolean;
  readonly work: Work | undefined;
}

/** Where the piece ends, found at `from` or, unless it is fixed, anywhere after it; or FAILED. */
function findPiece(piece: Piece, path: string, from: number, search: Search): number {
  if (piece.length === 0 && search.toEnd && !search.fixed) return path.length;
  const last = search.fixed ? from : path.length;
  for (let start = from; start <= last; start++) {
    if (search.work) search.work.tries++;
    const end = endOfPiece(piece, path, start);
    if (end !== FAILED && (!search.toEnd || end === path.length)) return end;
  }
  return FAILED;
}

function endOfPiece(piece: Piece, path: string, start: number): number {
  let at = start;
  for (const item of piece) {
    if (item === BOUNDARY) {
      if (at < path.length && path[at] !== '/') return FAILED;
    } else if (item === NAME) {
      const slash = path.indexOf('/', at);
      const end = slash < 0 ? path.length : slash;
      if (end === at) return FAILED;
      at = end;
    } else if (path.startsWith(item, at)) at += item.length;
    else return FAILED;
  }
  return at;
}

function faultOfSegment(segment: string): string | undefined {
  if (/[?#]/.test(segment)) {
    return (
      'a path has no query, no fragment and no comment behind it. ' +
      'Write a ? or # of a file name as %3F or %23.'
    );
  }
  if (segment.startsWith(':') && !NAME_SEGMENT.test(segment)) {
    return (
      'a segment that begins with a colon is :name, of letters, digits and _. ' +
      'Write the colon of a file name as %3A.'
    );
  }
  let decoded: string;
  try {
    decoded = segment.split('*').map(decodeURIComponent).join('*');
  } catch {
    return 'a % in it begins no escape of UTF-8. Write the % of a file name as %25.';
  }
  if (/[\0/\\]/.test(decoded)) return 'no file name has a slash, a backslash or a NUL.';
  if (decoded === '.' || decoded === '..')
    return 'a path has no segment that is one dot or two. Write it without.';
  return undefined;
}

/** Without the difference of small and capital letters, each character by itself. */
function fold(text: string): string {
  return /^\p{ASCII}*$/u.test(text) ? text.toLowerCase() : Array.from(text, foldLetter).join('');
}

/** A letter that becomes two, or none of its own, stays as it is: U+00DF, U+0130. */
function foldLetter(letter: string): string {
  const upper = only(letter.toUpperCase()) ?? letter;
  return only(upper.toLowerCase()) ?? letter;
}

function only(text: string): string | undefined {
  return [...text].length === 1 ? text : undefined;
}
