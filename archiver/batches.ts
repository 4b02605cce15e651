// batches.ts: files that go to a thread together: one large one, or some small ones.
import type { ListedFile } from './file_list.ts';

/** Worth a message, and less than keeps the other threads waiting at the end. */
const BATCH_BYTES_MAX = 256 * 1024;
const BATCH_FILES_MAX = 64;

export interface Batch {
  readonly files: readonly ListedFile[];
  /** Of all together, as they were found. */
  readonly bytes: number;
}

export function* batches(files: Iterable<ListedFile>): Generator<Batch> {
  let taken: ListedFile[] = [];
  let bytes = 0;
  for (const file of files) {
    const isFull = taken.length === BATCH_FILES_MAX || bytes + file.bytes > BATCH_BYTES_MAX;
    if (isFull && taken.length > 0) {
      yield { files: taken, bytes };
      taken = [];
      bytes = 0;
    }
    taken.push(file);
    bytes += file.bytes;
  }
  if (taken.length > 0) yield { files: taken, bytes };
}
