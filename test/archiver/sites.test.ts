// sites.test.ts: sites by host from --host.
import { expect, test } from 'vitest';
import { normalHost, readHosts } from '../../archiver/sites.ts';

test('sites come in the order of their hosts, whatever the order of the options', () => {
  const sites = [
    { host: 'a.example', root: 'two' },
    { host: 'b.example', root: 'one=1' },
  ];
  expect(readHosts(['b.example=one=1', 'a.example=two'])).toEqual(sites);
  expect(readHosts(['a.example=two', 'b.example=one=1'])).toEqual(sites);
  expect(readHosts([])).toEqual([]);
});

test('one folder may be the site of several hosts', () => {
  expect(readHosts(['a=x', 'b=x'])).toHaveLength(2);
});

test.each([
  ['WWW.A.example', 'www.a.example'],
  ['a.example.', 'a.example'],
  ['127.0.0.1', '127.0.0.1'],
  ['[0:0::0:1]', '[::1]'],
  ['[2001:DB8::]', '[2001:db8::]'],
  ['a.example..', undefined],
  ['.', undefined],
  ['\u212a.example', undefined], // the Kelvin sign
  ['a:80', undefined],
])('%s is %s', (name, host) => {
  expect(normalHost(name)).toBe(host);
});

test.each([
  ['a.example', /--host is 'a\.example'; it is NAME=DIR, such as/],
  ['', /--host is ''/],
  ['=public', /--host is '=public'/],
  ['a.example=', /--host is 'a\.example='/],
  ['a.example:80=x', /the name 'a\.example:80'\. It is a DNS name or an address/],
  ['http://a=x', /the name 'http:\/\/a'/],
  ['::1=x', /the name '::1'.* \[::1\] for one/],
  ['a\u001b[2J=x', /the name 'a\\u\{1b\}\[2J'/],
  [
    'bücher.example=x',
    /'bücher\.example'\. In a Host field it is written xn--bcher-kva\.example\./,
  ],
  ['bü cher=x', /It is a DNS name or an address/],
])('%j is refused in words', (value, text) => {
  expect(readHosts([value])).toMatch(text);
});

test('a host named twice is refused, however it is written', () => {
  expect(readHosts(['a.example=x', 'A.Example.=y'])).toBe('--host names a.example twice: x and y.');
});

test('there is a bound that a manifest can hold', () => {
  const values = Array.from({ length: 1_001 }, (_, at) => `h${at}=x`);
  expect(readHosts(values.slice(1))).toHaveLength(1_000);
  expect(readHosts(values)).toBe('--host is given 1001 times; 1000 is the most.');
});
