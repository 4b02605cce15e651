// unreadable.ts: what an operator reads when a part of the site cannot be read.
import { EXIT, Failure } from '../src/errors.ts';
import { printable } from './text.ts';

/** A Failure about one path of the site, with a remedy for the usual causes. */
export function unreadable(path: string, action: string, error: unknown): Failure {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const remedies: Record<string, string> = {
    EACCES: 'Give yourself the right to read it, or leave it out with --exclude.',
    EPERM: 'Give yourself the right to read it, or leave it out with --exclude.',
    ENOENT: 'It vanished meanwhile: do not change the site while it is packed.',
    ENAMETOOLONG: 'Its path is longer than the system allows: shorten it or leave it out.',
    ELOOP: 'It is a symbolic link that leads in a circle: remove it.',
    EMFILE: 'Too many files are open: raise the limit with ulimit -n.',
    EIO: 'The disk or network drive failed.',
  };
  const cause = code === '' ? message : code;
  const remedy = remedies[code] ?? 'Repair it, or leave it out with --exclude.';
  const text = `cannot ${action} ${printable(path)}: ${cause}. ${remedy}`;
  return new Failure(EXIT.failure, text, { cause: error });
}
