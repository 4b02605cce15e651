// heads.ts: whether the header block of a variant is what its route record says of it.
//
// Gives what is wrong in words, or undefined. What is different in every block, its ETag, time and
// Location, is looked at for itself: the rest of it has been seen before.
import { STATUS_LINES } from '../format/head.ts';
import { CODING_IDENTITY, CODING_NAMES } from '../format/layout.ts';
import type { Route, Variant } from '../format/route.ts';
import { factsOf } from './run_facts.ts';
import type { RunFacts } from './run_facts.ts';

/** What a route's blocks are held against. */
export interface Wanted {
  readonly route: Route;
  /** The value of Last-Modified; undefined: there is none. */
  readonly modified: string | undefined;
  /** How run 3 of a redirect ends. */
  readonly location: RegExp;
}

interface Block {
  readonly head: string;
  readonly variant: Variant;
  readonly contentAt: number;
  readonly lengthAt: number;
  /** Whether there is a sound one in run 2, where the record says. */
  readonly hasEtag: boolean;
  /** Of run 2, but for a sound ETag. */
  readonly common: RunFacts;
  /** Of run 3, but for its Last-Modified and the value of its Location. */
  readonly content: RunFacts;
  /** A Last-Modified that is as it should be; if not, it is in `content`. */
  readonly isDated: boolean;
}

const FRAGMENT = /^(?:#[\x21-\x7e]*)?\r\n$/;
const SHARING = /^access-control-/im;
const OTHERS = /^(?!access-control-)[^\r\n]/im;
const MISPLACED = 'Access-Control fields that are not where the record says';
const ETAG = /^"[\x21\x23-\x7e]+"$/;
const ETAG_NAME = 'ETag: ';
const LOCATION_NAME = 'Location: ';
const TYPE = /^Content-Type: [^\r\n]+\r\n$/;

/** `head` is as long as its runs are together; each character is a byte. */
export function checkHead(head: string, variant: Variant, wanted: Wanted): string | undefined {
  const { route, location } = wanted;
  const contentAt = variant.statusBytes + variant.commonBytes;
  const lengthAt = contentAt + variant.contentBytes;
  if (head.slice(0, variant.statusBytes) !== STATUS_LINES[route.status]) {
    return 'a wrong status line';
  }
  const fault = checkLength(head.slice(lengthAt), route, variant);
  if (fault !== undefined) return fault;
  const block = readBlock(head, variant, wanted, contentAt, lengthAt);
  const { common, content } = block;
  if (common.malformed || content.malformed) return 'a malformed header field';
  if (common.owned || content.owned) return 'a header field that the server owns';
  if (!common.noContent || !content.onlyContent) return 'a header field in the wrong run';
  // A run of whole lines does not end as that of a redirect does.
  if (route.redirect && !location.test(head.slice(contentAt, lengthAt))) {
    return 'no sound Location';
  }
  return (
    checkSharing(block) ??
    checkEtag(block, route) ??
    checkType(block, route) ??
    checkFields(block, wanted)
  );
}

function checkLength(run: string, route: Route, { bodyBytes }: Variant): string | undefined {
  const line = `Content-Length: ${bodyBytes}\r\n`;
  if (!run.endsWith(line)) return 'a Content-Length that is not the length of the body';
  const separator = run.slice(0, -line.length);
  const isAlone = route.redirect ? FRAGMENT.test(separator) : separator === '';
  return isAlone ? undefined : 'a Content-Length that is not a line of its own';
}

function readBlock(
  head: string,
  variant: Variant,
  { route, modified }: Wanted,
  contentAt: number,
  lengthAt: number,
): Block {
  const { statusBytes, etagAt, etagBytes } = variant;
  const hasEtag = findEtag(head, variant);
  const common = hasEtag
    ? head.slice(statusBytes, etagAt) + head.slice(etagAt + etagBytes, contentAt)
    : head.slice(statusBytes, contentAt);
  const line = modified === undefined ? '' : `Last-Modified: ${modified}\r\n`;
  const content = head.slice(contentAt, lengthAt);
  const isDated = content.startsWith(line);
  const rest = isDated ? content.slice(line.length) : content;
  return {
    head,
    variant,
    contentAt,
    lengthAt,
    hasEtag,
    common: factsOf(common),
    content: factsOf(route.redirect ? withoutLocation(rest) : rest),
    isDated,
  };
}

/** It stands at the end, without the end of its line. */
function withoutLocation(run: string): string {
  const at = run.lastIndexOf(LOCATION_NAME);
  return `${at < 0 ? run : run.slice(0, at + LOCATION_NAME.length)}\r\n`;
}

function findEtag(head: string, variant: Variant): boolean {
  const { statusBytes, commonBytes, etagAt, etagBytes } = variant;
  const end = etagAt + etagBytes;
  const isInside = etagAt >= statusBytes + ETAG_NAME.length && end < statusBytes + commonBytes;
  // The status line before run 2 ends a line, too.
  const name = `\r\n${ETAG_NAME}`;
  return (
    isInside &&
    head.slice(etagAt - name.length, etagAt) === name &&
    head.slice(end, end + 1) === '\r' &&
    ETAG.test(head.slice(etagAt, end))
  );
}

/** Lines of Access-Control-* are the last ones of run 2, and counted. */
function checkSharing({ head, variant, contentAt, common }: Block): string | undefined {
  const { statusBytes, sharingBytes } = variant;
  if (sharingBytes === 0) return common.sharing ? MISPLACED : undefined;
  const text = head.slice(statusBytes, contentAt);
  const split = text.length - sharingBytes;
  const sound =
    text.at(split - 1) === '\n' &&
    !SHARING.test(text.slice(0, split)) &&
    !OTHERS.test(text.slice(split));
  return split >= 0 && sound ? undefined : MISPLACED;
}

function checkEtag({ variant, common, hasEtag }: Block, route: Route): string | undefined {
  const { etagAt, etagBytes } = variant;
  if (route.status !== 200) {
    const isNone = common.etags + etagAt + etagBytes === 0;
    return isNone ? undefined : 'an ETag where none may be';
  }
  return common.etags === 1 && hasEtag ? undefined : 'no sound ETag';
}

function checkType(block: Block, route: Route): string | undefined {
  const { head, variant, content, lengthAt } = block;
  const { typeAt, typeBytes } = variant;
  if (route.redirect) {
    const isNone = content.types + typeAt + typeBytes === 0;
    return isNone ? undefined : 'a Content-Type where none may be';
  }
  const isInside = typeBytes <= variant.contentBytes && typeAt + typeBytes === lengthAt;
  const line = head.slice(typeAt, typeAt + typeBytes);
  return content.types === 1 && isInside && TYPE.test(line) ? undefined : 'no sound Content-Type';
}

function checkFields(block: Block, { route, modified }: Wanted): string | undefined {
  const { common, content, variant, isDated } = block;
  const coding = content.coding ?? CODING_NAMES[CODING_IDENTITY];
  if (coding !== CODING_NAMES[variant.coding]) return `Content-Encoding is ${coding}`;
  if (!common.varies && route.variants.length > 1) return 'no Vary, and more than one coding';
  const isAsWanted = isDated ? content.modified === undefined : content.modified === modified;
  if (!isAsWanted) return 'Last-Modified is not that of the route';
  const ranges = route.status === 200 ? 'bytes' : undefined;
  if (content.ranges !== ranges) return 'Accept-Ranges does not fit the status';
  return undefined;
}
