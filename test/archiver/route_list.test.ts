// route_list.test.ts: routes as numbers, in the order of the bytes of their keys.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FileList } from '../../archiver/file_list.ts';
import { FORM, RouteList } from '../../archiver/route_list.ts';

function routesOf(host: string, path: string, forms: readonly number[]): RouteList {
  const files = new FileList();
  files.add({ site: { host, root: '' }, path, bytes: 1, modifiedMs: 0 });
  const routes = new RouteList(files);
  for (const form of forms) routes.add(0, form);
  return routes;
}

test('each form has its key and its answer', () => {
  const page = routesOf('', 'd/é.html', [FORM.file, FORM.page, FORM.toPage, FORM.fileToPage]);
  expect([...page].map((route) => [route.key, route.own, 'to' in route && route.to])).toEqual([
    ['/d/é.html', true, false],
    ['/d/é', false, false],
    ['/d/é/', false, '/d/é'],
    ['/d/é.html', true, '/d/é'],
  ]);
  const index = routesOf('h', 'd/index.html', [FORM.folder, FORM.toFolder, FORM.fileToFolder]);
  expect([...index].map((route) => [route.key, route.own, 'to' in route && route.to])).toEqual([
    ['@h/d/', false, false],
    ['@h/d', false, '/d/'],
    ['@h/d/index.html', true, '/d/'],
  ]);
  expect([page.own, index.own, index.length]).toEqual([2, 1, 3]);
});

const name = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\uffff', '-', '.'), maxLength: 3 });
const path = fc
  .array(name, { minLength: 1, maxLength: 3 })
  .map((names) => `${names.map((each) => each || 'x').join('/')}/index.html`);
const host = fc.constantFrom('', 'a', 'a.b', 'a-b', 'b');

test('sorted as the bytes of their keys are, equal ones by form', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(host, path)), (all) => {
      const files = new FileList();
      const sites = new Map(all.map(([name_]) => [name_, { host: name_, root: '' }]));
      const routes = new RouteList(files);
      for (const [of, each] of all) {
        files.add({ site: sites.get(of)!, path: each, bytes: 1, modifiedMs: 0 });
        for (const form of Object.values(FORM)) routes.add(files.length - 1, form);
      }
      const expected = [...routes]
        .map(({ key }, at) => ({ key: Buffer.from(key), form: routes.form(at) }))
        .sort((left, right) => Buffer.compare(left.key, right.key) || left.form - right.form);
      routes.sort();
      const found = [...routes].map(({ key }, at) => ({
        key: Buffer.from(key),
        form: routes.form(at),
      }));
      expect(found).toEqual(expected);
      for (let at = 1; at < found.length; at++) {
        expect(routes.isSameKey(at, at - 1)).toBe(found[at]!.key.equals(found[at - 1]!.key));
      }
    }),
  );
});
