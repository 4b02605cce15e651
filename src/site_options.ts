// site_options.ts: options that say what a site is: of cdbpack, and of cdbserve for the preview of
// a folder. archiver/options.ts reads their values.
import type { Option } from './cli.ts';

export const SITE_OPTIONS: readonly Option[] = [
  {
    flag: '--host',
    value: 'NAME=DIR',
    repeatable: true,
    help: 'DIR is the site for this host; SITE, which may be left out, is the one for all others',
    detail:
      'A name is that of a Host field without its port. Rules and .cdbpackignore are those of ' +
      'each folder.',
  },
  {
    flag: '--html-urls',
    value: 'both|clean|exact',
    fallback: 'both',
    help: 'page.html is at /page and /page.html; at /page, where the other leads; or as it is',
    detail: 'A real file always keeps its path.',
  },
  {
    flag: '--rules-lenient',
    help: 'leave out lines of _headers and _redirects that cannot be honoured, with a warning',
    detail: 'Without it they are errors, and nothing is written.',
  },
  {
    flag: '--security-headers',
    value: 'default|off',
    fallback: 'default',
    help: 'send nosniff, a referrer policy and a frame policy with what is packed',
    detail: 'Each of them can be replaced or removed by _headers.',
  },
  {
    flag: '--hsts',
    value: 'SECONDS',
    help: 'the site is reached by HTTPS alone, through a proxy: have browsers keep to that',
    detail: 'A year is 31536000; 0 has browsers forget what they were told.',
  },
  {
    flag: '--last-modified',
    value: 'mtime|none',
    fallback: 'mtime',
    help: "Last-Modified from the files' times, not later than SOURCE_DATE_EPOCH, or none",
  },
  {
    flag: '--exclude',
    value: 'GLOB',
    repeatable: true,
    help: 'leave out what matches, in the syntax of .gitignore; comes after .cdbpackignore',
  },
  { flag: '--include-hidden', help: 'pack names that begin with a dot, not only .well-known/' },
  {
    flag: '--follow-symlinks',
    help: 'pack what symbolic links lead to outside the site',
    detail: 'Without it, one that leaves the site, dangles or loops is skipped with a warning.',
  },
];
