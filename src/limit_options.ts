// limit_options.ts: the limits that an operator may change, as data: option, unit, range, default.
import { type Arguments, type Option, readNumber } from './cli.ts';
import * as limits from './limits.ts';

export interface LimitConfig {
  /** Of all workers together; undefined: what the descriptor limit allows. */
  readonly connectionsMax: number | undefined;
  /** Of one worker; 0: as many as there is room for. */
  readonly connectionsPerAddress: number;
  readonly requestLineBytesMax: number;
  readonly headerBytesMax: number;
  readonly headerFieldsMax: number;
  readonly headerTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** Bytes a second; 0: any byte is progress. */
  readonly sendRateMin: number;
  readonly lingerTimeoutMs: number;
  readonly drainWaitMs: number;
  readonly drainTimeoutMs: number;
}

export interface LimitOption {
  readonly flag: string;
  readonly field: keyof LimitConfig;
  readonly value: 'N' | 'BYTES' | 'MS';
  readonly least: number;
  readonly most: number;
  readonly fallback: number | undefined;
  /** What holds where that is no number of its range. */
  readonly shown?: string;
  readonly help: string;
  readonly detail?: string;
}

const TIMEOUT = {
  value: 'MS',
  least: limits.TIMEOUT_MS_MIN,
  most: limits.TIMEOUT_MS_MAX,
} as const;

export const LIMITS: readonly LimitOption[] = [
  {
    flag: '--max-connections',
    field: 'connectionsMax',
    value: 'N',
    least: 1,
    most: limits.CONNECTIONS_MAX,
    fallback: undefined,
    shown: `descriptor limit less ${limits.DESCRIPTORS_RESERVED}`,
    help: 'open connections of all workers together',
  },
  {
    flag: '--max-connections-per-address',
    field: 'connectionsPerAddress',
    value: 'N',
    least: 1,
    most: limits.CONNECTIONS_MAX,
    fallback: 0,
    shown: 'none',
    help: 'connections of one IPv4 address or IPv6 /64, on each worker',
    detail:
      'An address with N or fewer is never refused; as each worker counts for itself, it may ' +
      'have up to N times the workers. Unix sockets and trusted proxies are not counted.',
  },
  {
    flag: '--max-request-line-bytes',
    field: 'requestLineBytesMax',
    value: 'BYTES',
    least: limits.REQUEST_LINE_BYTES_LEAST,
    most: limits.REQUEST_LINE_BYTES_MAX,
    fallback: limits.REQUEST_LINE_BYTES_MAX,
    help: 'a longer request line is answered 414',
  },
  {
    flag: '--max-header-bytes',
    field: 'headerBytesMax',
    value: 'BYTES',
    least: limits.HEADER_SECTION_BYTES_LEAST,
    most: limits.HEADER_SECTION_BYTES_TOP,
    fallback: limits.HEADER_SECTION_BYTES_MAX,
    help: 'longer field lines, together, are answered 431',
  },
  {
    flag: '--max-header-fields',
    field: 'headerFieldsMax',
    value: 'N',
    least: 1,
    most: limits.HEADER_FIELDS_TOP,
    fallback: limits.HEADER_FIELDS_MAX,
    help: 'more field lines are answered 431',
  },
  {
    ...TIMEOUT,
    flag: '--header-timeout',
    field: 'headerTimeoutMs',
    fallback: limits.HEADER_TIMEOUT_MS,
    help: 'a whole request head must arrive in',
  },
  {
    ...TIMEOUT,
    flag: '--idle-timeout',
    field: 'idleTimeoutMs',
    fallback: limits.IDLE_TIMEOUT_MS,
    help: 'a silent connection is closed after',
  },
  {
    ...TIMEOUT,
    flag: '--write-timeout',
    field: 'writeTimeoutMs',
    fallback: limits.WRITE_TIMEOUT_MS,
    help: 'a peer that takes too little of an answer is cut off after',
  },
  {
    flag: '--min-send-rate',
    field: 'sendRateMin',
    value: 'BYTES',
    least: 0,
    most: limits.SEND_RATE_MIN_TOP,
    fallback: limits.SEND_RATE_MIN,
    help: 'what is too little in a second, on average over --write-timeout; 0: nothing at all',
    detail:
      'What counts is what the kernel takes for the client, which it does in pieces of a part of ' +
      'its buffer.',
  },
  {
    ...TIMEOUT,
    flag: '--linger-timeout',
    field: 'lingerTimeoutMs',
    fallback: limits.LINGER_TOTAL_MS,
    help: 'after an answer that closes, what still comes is read and thrown away for at most',
  },
  {
    ...TIMEOUT,
    flag: '--drain-wait',
    field: 'drainWaitMs',
    least: 0,
    fallback: limits.DRAIN_WAIT_MS,
    help: 'on SIGTERM, newcomers are served on, and health is 503, for',
  },
  {
    ...TIMEOUT,
    flag: '--drain-timeout',
    field: 'drainTimeoutMs',
    fallback: limits.DRAIN_TIMEOUT_MS,
    help: 'after that, answers under way may take',
  },
];

/** For the option table of cdbserve. */
export const LIMIT_OPTIONS: readonly Option[] = LIMITS.map(
  ({ flag, value, least, most, fallback, shown, help, detail }) => ({
    flag,
    value,
    range: `${least} to ${most}`,
    fallback: shown ?? String(fallback),
    help,
    ...(detail === undefined ? {} : { detail }),
  }),
);

/** Throws a Failure (usage). */
export function readLimits(given: Arguments): LimitConfig {
  const entries = LIMITS.map(({ flag, field, least, most, fallback }) => [
    field,
    readNumber(given, flag, least, most) ?? fallback,
  ]);
  return Object.fromEntries(entries) as LimitConfig;
}
