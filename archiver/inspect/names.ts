// names.ts: whether the path of a file may become a file below a folder.
//
// An archive may come from anywhere, and the server does not mind what its keys are.

const SLASH = 0x2f;
const DOT = 0x2e;
const NUL = 0x00;
/** NAME_MAX of Linux. */
const NAME_BYTES_MAX = 255;

/** The names that a path such as '/a/b' is made of, as bytes. */
export function splitPath(path: Uint8Array): Uint8Array[] {
  const names: Uint8Array[] = [];
  for (let at = 1; at <= path.length;) {
    const slash = path.indexOf(SLASH, at);
    const end = slash < 0 ? path.length : slash;
    names.push(path.subarray(at, end));
    at = end + 1;
  }
  return names;
}

/** What is wrong with a path such as '/a/b' as a file's, in words that follow "refused:". */
export function pathFault(path: Uint8Array): string | undefined {
  for (const name of splitPath(path)) {
    if (name.length === 0) return 'the path of a file with an empty name in it';
    if (name.length > NAME_BYTES_MAX) return `a name of ${name.length} bytes in the path of a file`;
    if (name.includes(NUL)) return 'a NUL in the path of a file';
    if (name.length <= 2 && name.every((byte) => byte === DOT)) {
      return "'.' or '..' in the path of a file";
    }
  }
  return undefined;
}
