// request.test.ts: rows kept for unfinished requests.
import { expect, test } from 'vitest';
import {
  AT,
  CLIENT_AT,
  CLIENT_END,
  NUMBER,
  PHASE,
  forget,
  forgetClient,
  request,
  resume,
  suspend,
} from '../../src/hot/request.ts';
import { CONNECTIONS_MAX, CONNECTIONS_SPARE } from '../../src/limits.ts';

const LAST = CONNECTIONS_MAX + CONNECTIONS_SPARE - 1;

/** Every field another number. */
function fillRow(start: number): void {
  for (let field = 0; field < request.length; field++) request[field] = start + field;
}

test('a new request starts from nothing', () => {
  fillRow(1);
  resume(5);
  const { [NUMBER]: number, ...fields } = request;
  expect(number).toBe(5);
  expect(Object.values(fields).every((field) => field === 0)).toBe(true);
});

test.each([0, 1, LAST])('what connection %d left is taken up whole, once', (number) => {
  fillRow(100);
  const row = [...request];
  suspend(number);
  fillRow(7_000);
  resume(number);
  expect([...request]).toEqual(row);
  resume(number);
  expect(request[AT]).toBe(0);
});

test('what is forgotten of a client is that alone', () => {
  fillRow(100);
  forgetClient();
  expect([request[CLIENT_AT], request[CLIENT_END], request[NUMBER]]).toEqual([0, 0, 100 + NUMBER]);
});

test('neighbours do not touch each other', () => {
  for (const number of [10, 11, 12]) {
    fillRow(number * 1_000);
    suspend(number);
  }
  for (const number of [12, 10, 11]) {
    resume(number);
    expect([...request]).toEqual(Array.from(request, (_, field) => number * 1_000 + field));
  }
});

test('a number that opens again starts from nothing', () => {
  fillRow(1);
  suspend(20);
  forget(20);
  resume(20);
  expect(request[PHASE]).toBe(0);
  expect(request[AT]).toBe(0);
});
