// file_list.test.ts: what is put into columns comes out again.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FileList } from '../../archiver/file_list.ts';

const sites = ['', 'a.example', 'b.example'].map((host) => ({ host, root: `of ${host}` }));
const file = fc.record({
  site: fc.constantFrom(...sites),
  path: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  bytes: fc.maxSafeNat(),
  modifiedMs: fc.double({ noNaN: true }),
});

test('a list gives the files that an array would', () => {
  fc.assert(
    fc.property(fc.array(file, { maxLength: 50 }), (files) => {
      const list = new FileList();
      for (const each of files) list.add(each);
      expect([...list]).toEqual(files.map((each, index) => ({ ...each, index })));
      expect(list.length).toBe(files.length);
      const names = Buffer.from(list.names);
      for (const [index, { path, site }] of files.entries()) {
        expect(list.path(index)).toBe(path);
        expect(list.site(index)).toBe(site);
        expect(names.subarray(list.start(index), list.end(index))).toEqual(Buffer.from(path));
      }
    }),
  );
});

test('sizes add up past what 32 bits hold', () => {
  const list = new FileList();
  for (let i = 0; i < 3; i++) {
    list.add({ site: sites[0]!, path: String(i), bytes: 2 ** 33, modifiedMs: 0.25 });
  }
  expect(list.totalBytes).toBe(3 * 2 ** 33);
  expect(list.at(2)).toMatchObject({ bytes: 2 ** 33, modifiedMs: 0.25 });
});

test('the largest come first, those of one size in the order of the list', () => {
  const list = new FileList();
  const sizes = [5, 2 ** 40, 5, 0, 7];
  for (const bytes of sizes) list.add({ site: sites[0]!, path: 'x', bytes, modifiedMs: 0 });
  expect([...list.largestFirst()].map(({ index }) => index)).toEqual([1, 4, 0, 2, 3]);
  expect([...new FileList().largestFirst()]).toEqual([]);
});
