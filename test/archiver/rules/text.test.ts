// text.test.ts: rules of an archive as people read them.
import { expect, test } from 'vitest';
import { destinationText, patternText } from '../../../archiver/rules/text.ts';
import { planRules } from './plan_rules.ts';

test('captures are numbered', () => {
  expect(patternText(['a', undefined, '', 'b'], true)).toBe('/a/:1/:2/b/*');
  expect([patternText([], true), patternText([], false)]).toEqual(['/*', '/']);
});

test('destinations have their captures', () => {
  const text = '/a/:x/* /n/:splat/:x?q=:x\n/b/* /c/:splat 200\n/c/* /x';
  const [table] = planRules(['index.html'], text).plan.redirects.tables;
  const shown = table!.rules.map(({ kind, pieces, rule: { from } }) => {
    const segments = from.segments.map((segment) => segment ?? '');
    const route = new Uint8Array(0);
    return destinationText({ kind, segments, splat: from.splat, pieces, route });
  });
  expect(shown).toEqual(['/n/:splat/:1?q=:1', '/c/:splat', '']);
});
