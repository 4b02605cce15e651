// loaders.test.ts: reports of wrk, as the program prints them.
import { expect, test } from 'vitest';
import { parseWrk } from '../../bench/loaders.ts';

const REPORT = `Running 1s test @ http://127.0.0.1:18999/
  1 threads and 4 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    80.36ms  131.11ms 728.65ms   89.63%
    Req/Sec   153.86    121.80   474.00     65.79%
  Latency Distribution
     50%  612.00us
     75%    1.20ms
     90%    2.00ms
     99%    1.50s 
  1251 requests in 1.01s, 3.73MB read
`;

test('a clean report', () => {
  expect(parseWrk(`${REPORT}Requests/sec:    124.94\n`)).toEqual({
    requests: 1251,
    seconds: 1.01,
    p50Us: 612,
    p99Us: 1_500_000,
    rejected: 0,
    errors: 0,
  });
});

test('a report with errors adds them up', () => {
  const errors =
    '  Socket errors: connect 1, read 20, write 3, timeout 4\n  Non-2xx or 3xx responses: 17\n';
  expect(parseWrk(REPORT + errors)).toMatchObject({ errors: 28, rejected: 17 });
});

test('anything else is refused', () => {
  expect(() => parseWrk('unable to connect to 127.0.0.1:1 Connection refused')).toThrow(
    'not a report of wrk',
  );
});
