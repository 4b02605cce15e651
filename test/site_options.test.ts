// site_options.test.ts: what says what a site is, is said to cdbpack and to a preview alike.
import { expect, test } from 'vitest';
import { COMMAND as PACK } from '../archiver/options.ts';
import { HTML_URLS } from '../archiver/plan.ts';
import { usage } from '../src/cli.ts';
import { COMMAND as SERVE } from '../src/config.ts';
import { SITE_OPTIONS } from '../src/site_options.ts';

test('both commands have them, and the server says where they belong', () => {
  for (const option of SITE_OPTIONS) {
    expect(PACK.options).toContain(option);
    const served = SERVE.options.find(({ flag }) => flag === option.flag);
    expect(served).toEqual({ ...option, only: 'SITE/ alone, as of cdbpack' });
  }
  const row = / {2}--include-hidden +pack names .* \(SITE\/ alone, as of cdbpack\)\n/;
  expect(usage(SERVE)).toMatch(row);
  expect(usage(PACK)).toMatch(/ {2}--include-hidden +pack names [^()]*\n/);
});

test('the choices are those that are read', () => {
  const { value } = SITE_OPTIONS.find(({ flag }) => flag === '--html-urls')!;
  expect(value).toBe(HTML_URLS.join('|'));
});
