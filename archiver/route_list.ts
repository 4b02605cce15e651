// route_list.ts: the routes of a plan, four bytes each: the number of a file and the form its key
// has.
//
// Every key is the path of a file, cut short or with a slash after it. Keys are compared as bytes
// where the list of files has them, and become strings when somebody asks.
import { withRoom } from './columns.ts';
import type { FileList, ListedFile } from './file_list.ts';
import { keyPrefix } from './target.ts';
import { compareBytes } from './text.ts';

export type PlannedRoute = {
  readonly key: string;
  /** The key is the path of a file as it was found: the one answered with, or led to. */
  readonly own: boolean;
} & (
  | { readonly kind: 'file'; readonly file: ListedFile }
  | {
      readonly kind: 'redirect';
      /** A path of the same site, without its host. */
      readonly to: string;
    }
);

export const INDEX = 'index.html';
export const PAGE = '.html';

/** Bytes left out at the end of a file's path, and whether a slash takes their place. */
interface Shape {
  readonly cut: number;
  readonly slash: boolean;
}

const WHOLE: Shape = { cut: 0, slash: false };
/** Of index.html alone. */
const FOLDER: Shape = { cut: INDEX.length, slash: false };
const FOLDER_NAME: Shape = { cut: INDEX.length + 1, slash: false };
/** Of other pages. */
const NAME: Shape = { cut: PAGE.length, slash: false };
const NAME_AS_FOLDER: Shape = { cut: PAGE.length, slash: true };

/** How a route is made of a file: what its key is, and where it leads; without that, it answers. */
interface Form {
  readonly key: Shape;
  readonly to?: Shape;
}

/** Of forms with one key an earlier one wins. */
export const FORM = {
  file: 0,
  folder: 1,
  page: 2,
  toFolder: 3,
  toPage: 4,
  fileToFolder: 5,
  fileToPage: 6,
} as const;

const FORMS: readonly Form[] = [
  { key: WHOLE },
  { key: FOLDER },
  { key: NAME },
  { key: FOLDER_NAME, to: FOLDER },
  { key: NAME_AS_FOLDER, to: NAME },
  { key: WHOLE, to: FOLDER },
  { key: WHOLE, to: NAME },
];
/** A code is the number of a file and, in its last bits, a form. */
const FORM_BITS = 3;
const FORM_MASK = 7;
const SLASH = 0x2f;

export class RouteList implements Iterable<PlannedRoute> {
  readonly #files: FileList;
  #codes = new Uint32Array(0);
  #length = 0;

  constructor(files: FileList) {
    this.#files = files;
  }

  get length(): number {
    return this.#length;
  }

  /** Routes whose key is the path of a file. */
  get own(): number {
    let own = 0;
    for (let index = 0; index < this.#length; index++) {
      if (FORMS[this.form(index)]!.key === WHOLE) own++;
    }
    return own;
  }

  add(file: number, form: number): void {
    this.#codes = withRoom(this.#codes, this.#length + 1);
    this.#codes[this.#length++] = file * 2 ** FORM_BITS + form;
  }

  file(index: number): number {
    return this.#codes[index]! >>> FORM_BITS;
  }

  form(index: number): number {
    return this.#codes[index]! & FORM_MASK;
  }

  at(index: number): PlannedRoute {
    const file = this.#files.at(this.file(index));
    const { key: shape, to } = FORMS[this.form(index)]!;
    const key = keyPrefix(file.site.host) + pathOf(file.path, shape);
    const own = shape === WHOLE;
    if (to) return { key, own, kind: 'redirect', to: pathOf(file.path, to) };
    return { key, own, kind: 'file', file };
  }

  *[Symbol.iterator](): Generator<PlannedRoute> {
    for (let index = 0; index < this.#length; index++) yield this.at(index);
  }

  /** Whether two routes have one key. */
  isSameKey(index: number, other: number): boolean {
    return this.#compare(this.#codes[index]!, this.#codes[other]!) === 0;
  }

  /** By the bytes of the keys; among equal ones by form. */
  sort(): void {
    // As an array: its sort takes little time where most are in order already, unlike that of a
    // typed array.
    const codes = Array.from(this.#codes.subarray(0, this.#length));
    const formOf = (code: number) => code & FORM_MASK;
    codes.sort((left, right) => this.#compare(left, right) || formOf(left) - formOf(right));
    this.#codes.set(codes);
  }

  #compare(left: number, right: number): number {
    const files = this.#files;
    const one = left >>> FORM_BITS;
    const other = right >>> FORM_BITS;
    const site = files.site(one);
    if (site !== files.site(other)) {
      return compareBytes(beginning(site.host), beginning(files.site(other).host));
    }
    const oneShape = FORMS[left & FORM_MASK]!.key;
    const otherShape = FORMS[right & FORM_MASK]!.key;
    const { names } = files;
    const from = files.start(one);
    const otherFrom = files.start(other);
    const length = files.end(one) - oneShape.cut - from;
    const otherLength = files.end(other) - otherShape.cut - otherFrom;
    const total = length + Number(oneShape.slash);
    const otherTotal = otherLength + Number(otherShape.slash);
    for (let at = 0; at < total && at < otherTotal; at++) {
      const byte = at < length ? names[from + at]! : SLASH;
      const otherByte = at < otherLength ? names[otherFrom + at]! : SLASH;
      if (byte !== otherByte) return byte - otherByte;
    }
    return total - otherTotal;
  }
}

/** Keys of the default site come first: '/' is less than '@'. */
function beginning(host: string): string {
  return `${keyPrefix(host)}/`;
}

function pathOf(path: string, { cut, slash }: Shape): string {
  return `/${path.slice(0, path.length - cut)}${slash ? '/' : ''}`;
}
