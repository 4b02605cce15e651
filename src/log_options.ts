// log_options.ts: options of the access log.
import { type Arguments, type Option, usageFailure } from './cli.ts';
import { LOG_ADDRESSES } from './ops/log_address.ts';
import { LOG_FORMATS } from './ops/log_formats.ts';

const OFF = 'off';
const STANDARD_OUTPUT = '-';
/** For a check, which makes no file and does not open that of a service beside it. */
const NOWHERE = '/dev/null';

export const LOG_OPTIONS: readonly Option[] = [
  {
    flag: '--access-log',
    value: 'FILE|-|off',
    fallback: OFF,
    help: 'a line for each answer: in a file, opened anew at SIGHUP, or on standard output',
    detail:
      'The user that serves must be able to open the file. With - all else that would be on ' +
      'standard output is on standard error.',
  },
  {
    flag: '--log-format',
    value: LOG_FORMATS.join('|'),
    fallback: LOG_FORMATS[0],
    help: 'lines as Apache and nginx write them, or a JSON object each',
  },
  {
    flag: '--log-addresses',
    value: LOG_ADDRESSES.join('|'),
    fallback: LOG_ADDRESSES[0],
    help: 'of clients: the /24 or /48 they are in, the whole address, or none',
  },
];

/** Undefined: no log. Throws a Failure (usage). */
export function readAccessLog(given: Arguments): string | undefined {
  const text = given.value('--access-log') ?? OFF;
  if (text === '') throw usageFailure(given.command, '--access-log needs a file, - or off.');
  if (text === OFF) return undefined;
  return given.has('--check') && text !== STANDARD_OUTPUT ? NOWHERE : text;
}
