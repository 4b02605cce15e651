// reader.test.ts: what an archive holds, as objects.
import { expect, test } from 'vitest';
import {
  bodyOf,
  codingName,
  contentOf,
  fieldOf,
  findEntry,
  headOf,
  identityOf,
} from '../../archiver/reader.ts';
import { entriesOf } from '../support/entries.ts';
import { soundArchive, soundSites } from './fixture.ts';

const archive = await soundArchive({
  'a b%.html': '<p>hi',
  'p%41.txt': 'literal',
  '404.html': 'none',
});

test('entries are routes and fallbacks', () => {
  expect(entriesOf(archive).map(({ key, route }) => `${route.status} ${key}`)).toEqual([
    '200 /404',
    '200 /404.html',
    '308 /404/',
    '200 /a b%',
    '200 /a b%.html',
    '308 /a b%/',
    '200 /p%41.txt',
    '404 404/',
  ]);
});

test('a path is found as it is in the site or as it is in a URL', () => {
  expect(findEntry(archive, '/a b%.html').key).toBe('/a b%.html');
  expect(findEntry(archive, '/a%20b%25.html').key).toBe('/a b%.html');
  expect(findEntry(archive, '/p%41.txt').key).toBe('/p%41.txt');
  expect(findEntry(archive, '/p%2541.txt').key).toBe('/p%41.txt');
});

test('what list shows is found by its key', () => {
  expect(findEntry(archive, '404/').route.status).toBe(404);
  expect(findEntry(archive, '404/').path).toEqual(Buffer.from('/'));
});

test.each(['/nope', '/%', 'cdbsite', '404', '200/', '', '@', '@a.example', '@a.example/'])(
  'there is no %j',
  (path) => {
    expect(() => findEntry(archive, path)).toThrow(/the archive has no .*cdbinspect list/);
  },
);

test('head, field, body and coding of a variant', () => {
  const [variant] = findEntry(archive, '/p%41.txt').route.variants;
  expect(headOf(archive, variant!)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*Content-Length: 7\r\n$/s);
  expect(fieldOf(archive, variant!, 'Content-Type')).toBe('text/plain; charset=utf-8');
  expect(fieldOf(archive, variant!, 'Location')).toBe('');
  expect(Buffer.from(bodyOf(archive, variant!)).toString()).toBe('literal');
  expect(codingName(variant!)).toBe('identity');
  expect(identityOf(findEntry(archive, '/p%41.txt').route)).toEqual(variant);
});

test('a file is at its path, or where that leads to', async () => {
  const pages = await soundArchive({ 'a b%.html': '<p>hi', 'd/index.html': 'd' });
  expect(contentOf(pages, findEntry(pages, '/a b%'))).toEqual(findEntry(pages, '/a b%').route);
  expect(contentOf(pages, findEntry(pages, '/a b%/'))).toEqual(findEntry(pages, '/a b%').route);
  const gone = { ...findEntry(pages, '/d'), host: 'a.example' };
  expect(contentOf(pages, gone)).toBeUndefined();
});

const hosts = await soundSites({
  '': { 'a.txt': 'default' },
  'a.example': { 'a b.txt': 'of a', '404.html': 'none' },
});

test('entries of a host, or of all', () => {
  const keys = (host?: string) => entriesOf(hosts, host).map(({ key }) => key);
  const own = ['@a.example/404', '@a.example/404.html', '@a.example/404/', '@a.example/a b.txt'];
  expect(keys('')).toEqual(['/a.txt']);
  expect(keys('a.example')).toEqual([...own, '404@a.example/']);
  expect(keys()).toEqual(['/a.txt', ...own, '404@a.example/']);
  expect(entriesOf(hosts).map(({ host }) => host)).toEqual(['', ...Array(5).fill('a.example')]);
});

test('a path of a host is found by the host, or by its key', () => {
  const key = '@a.example/a b.txt';
  expect(findEntry(hosts, '/a%20b.txt', 'a.example')).toMatchObject({ key, host: 'a.example' });
  expect(findEntry(hosts, key).key).toBe(key);
  expect(findEntry(hosts, '@a.example/a%20b.txt').key).toBe(key);
  expect(() => findEntry(hosts, '/a.txt', 'a.example')).toThrow(/has no @a\.example\/a\.txt\./);
  expect(findEntry(hosts, '404@a.example/')).toMatchObject({ host: 'a.example' });
  for (const path of ['@a.example', '404/', '/a b.txt']) {
    expect(() => findEntry(hosts, path)).toThrow(/the archive has no/);
  }
});
