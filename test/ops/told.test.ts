// told.test.ts: the line between a service and who checks it.
import { expect, test } from 'vitest';
import { type Told, findTold, readReport, tell } from '../../src/ops/told.ts';

const told: Told = { isRoot: true, uid: 1, gid: 2, descriptorsMax: 3, spawner: 4, workers: [] };

test('it is found among other lines, once it is whole', () => {
  const output = `cdbserve 0.1.0: 1 file\n${tell(told)}`;
  expect(findTold(output)).toEqual(told);
  expect(findTold(output.slice(0, -1))).toBeUndefined();
  expect(findTold('')).toBeUndefined();
});

test('a worker reports after it is ready, or not at all', () => {
  expect(readReport('R{"seals":15}')).toEqual({ seals: 15 });
  expect(() => readReport('')).toThrow('no report');
  expect(() => readReport('{"seals":15}')).toThrow('no report');
  expect(() => readReport('R{"seals":1')).toThrow(SyntaxError);
});
