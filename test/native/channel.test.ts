// channel.test.ts: sockets, pipes and descriptors on their way, by the addon.
import { closeSync, fstatSync, openSync, readSync, readdirSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { loadWall } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';

const wall = loadWall(addonPath('wall'));
const none = Int32Array.of();

const descriptorsOpen = (): number => readdirSync('/proc/self/fd').length;

test('a pipe and a pair carry bytes, and are closed on exec', () => {
  for (const [one, other] of [wall.pipe(), wall.socketPair()]) {
    writeSync(other, 'abc');
    const bytes = Buffer.alloc(8);
    expect(bytes.toString('latin1', 0, readSync(one, bytes))).toBe('abc');
    for (const descriptor of [one, other]) {
      expect(fstatSync(descriptor).isFIFO() || fstatSync(descriptor).isSocket()).toBe(true);
      wall.closeDescriptor(descriptor);
    }
  }
});

test('whoever does not read is waited for, a second and no longer', () => {
  const [one, other] = wall.socketPair();
  const start = performance.now();
  expect(() => wall.sendDescriptors(one, Buffer.alloc(10_000_000), none)).toThrow('ETIMEDOUT');
  expect(performance.now() - start).toBeGreaterThan(900);
  expect(performance.now() - start).toBeLessThan(5_000);
  for (const descriptor of [one, other]) wall.closeDescriptor(descriptor);
});

test('a long message arrives whole at whoever reads', async () => {
  const [one, other] = wall.socketPair();
  const reader = new Socket({ fd: other, readable: true, writable: true });
  let received = 0;
  reader.on('data', (bytes: Buffer) => (received += bytes.length));
  for (let part = 0; part < 10; part++) {
    wall.sendDescriptors(one, Buffer.alloc(50_000), none);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(received).toBe(500_000);
  wall.closeDescriptor(one);
  reader.destroy();
});

test('what is no descriptor, too many, or to nobody is refused and leaves nothing open', () => {
  const [one, other] = wall.socketPair();
  const before = descriptorsOpen();
  const file = openSync('/dev/null', 'r');
  const many = Int32Array.from({ length: 129 }, () => file);
  expect(() => wall.sendDescriptors(one, Buffer.of(1), many)).toThrow('E2BIG');
  expect(() => wall.sendDescriptors(one, Buffer.of(1), Int32Array.of(-1))).toThrow('EBADF');
  expect(() => wall.sendDescriptors(99_999, Buffer.of(1), none)).toThrow('EBADF');
  expect(() => wall.sendDescriptors(file, Buffer.of(1), none)).toThrow('ENOTSOCK');
  wall.closeDescriptor(other);
  expect(() => wall.sendDescriptors(one, Buffer.of(1), none)).toThrow('EPIPE');
  closeSync(file);
  wall.closeDescriptor(one);
  expect(descriptorsOpen()).toBe(before - 2);
});

test('loaded files: the loader, the C library and the addon, absolute, each once', () => {
  const files = wall.loadedFiles();
  expect(files).toContain(addonPath('wall'));
  expect(files.filter((file) => /\/ld-[^/]*$/.test(file))).toHaveLength(1);
  expect(files.filter((file) => /\/libc\.so/.test(file))).toHaveLength(1);
  expect(files.every((file) => file.startsWith('/'))).toBe(true);
  expect(new Set(files).size).toBe(files.length);
});
