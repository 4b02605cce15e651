// process_figures.test.ts: what a process says of itself is what the kernel says of it.
import { closeSync, openSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { processFigures } from '../../src/ops/process_figures.ts';
import { residentBytes } from '../support/proc.ts';

test('memory, descriptors, start and processor time', () => {
  const { cpuSeconds, startSeconds, ...figures } = processFigures();
  const resident = residentBytes(process.pid);
  expect(figures.residentBytes).toBeGreaterThan(resident / 2);
  expect(figures.residentBytes).toBeLessThan(resident * 2);
  expect(figures.descriptors).toBe(readdirSync('/proc/self/fd').length - 1);
  const began = Date.now() / 1e3 - process.uptime();
  expect(Math.abs(startSeconds - began)).toBeLessThan(5);
  const used = process.cpuUsage();
  expect(cpuSeconds).toBeGreaterThan(0);
  expect(cpuSeconds).toBeLessThanOrEqual((used.user + used.system) / 1e6);
});

test('one more open file is one more descriptor', () => {
  const before = processFigures().descriptors!;
  const opened = openSync('/dev/null', 'r');
  expect(processFigures().descriptors).toBe(before + 1);
  closeSync(opened);
});
