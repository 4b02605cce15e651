// batches.test.ts: which files go together.
import { expect, test } from 'vitest';
import { batches } from '../../archiver/batches.ts';
import type { ListedFile } from '../../archiver/file_list.ts';

const filesOf = (...lengths: number[]): ListedFile[] =>
  lengths.map((bytes, index) => {
    return { index, bytes, path: String(index), modifiedMs: 0, site: { host: '', root: '/' } };
  });
const shape = (files: ListedFile[]) =>
  [...batches(files)].map(({ files: some, bytes }) => [some.map(({ index }) => index), bytes]);

test('a large file goes alone, small ones together, in their order', () => {
  expect(shape(filesOf(5_000_000, 400_000, 200_000, 40_000, 40_000, 0))).toEqual([
    [[0], 5_000_000],
    [[1], 400_000],
    [[2, 3], 240_000],
    [[4, 5], 40_000],
  ]);
});

test('no more than 64 of them, and none where there are none', () => {
  const counts = [...batches(filesOf(...Array<number>(130).fill(10)))].map(
    ({ files }) => files.length,
  );
  expect(counts).toEqual([64, 64, 2]);
  expect(shape([])).toEqual([]);
});
