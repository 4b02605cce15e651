// limit_rows.ts: docs/limits.md as data: what each limit bounds, who reaches it, what happens then,
// and which test goes up to it and past. Numbers, units and ranges are not said here.
import type * as limits from '../../src/limits.ts';

export interface LimitRow {
  /** A number of src/limits.ts, or an option that has none. */
  readonly limit: keyof typeof limits | `--${string}`;
  readonly bounds: string;
  /** Of the numbers that are of one worker, or that an option changes. */
  readonly option?: `--${string}`;
  readonly who: string;
  readonly outcome: string;
  /** File, and words of the title in it. */
  readonly test: readonly [file: string, title: string];
}

type Words = readonly [bounds: string, who: string, outcome: string, file: string, title: string];

export function row(limit: LimitRow['limit'], words: Words, option?: `--${string}`): LimitRow {
  const [bounds, who, outcome, file, title] = words;
  const changed = option === undefined ? {} : { option };
  return { limit, bounds, ...changed, who, outcome, test: [file, title] };
}

const ADMIN = 'test/ops/admin.test.ts';
const ADMIN_WHO = 'whoever may connect there';
const BOUNDS = 'test/boot/bounds.test.ts';
const CLOSE = 'native/test/ring_close_test.cc';
const DRAIN = 'test/wire/drain.test.ts';
const HELD = 'test/wire/held.test.ts';
const LIMIT = 'native/test/ring_limit_test.cc';
const SEND = 'native/test/ring_send_test.cc';
const CONFIG = 'test/config.test.ts';

const OPERATOR = 'the operator';
const REFUSED = 'refused at start';

export const REQUEST: readonly LimitRow[] = [
  row(
    'REQUEST_LINE_BYTES_MAX',
    [
      'the request line',
      'anybody, with a long line',
      '414 at the first byte over it, close',
      BOUNDS,
      'a request line below its bound, at it and above',
    ],
    '--max-request-line-bytes',
  ),
  row(
    'HEADER_SECTION_BYTES_MAX',
    [
      'all field lines together',
      'anybody, with long or many fields',
      '431 at the first byte over it, close',
      BOUNDS,
      'field lines below a bound of %d, at it and above',
    ],
    '--max-header-bytes',
  ),
  row(
    'HEADER_FIELDS_MAX',
    [
      'field lines',
      'anybody, with many fields',
      '431, close',
      BOUNDS,
      'fields below a bound of %d, at it and above',
    ],
    '--max-header-fields',
  ),
  row('LOCATION_BYTES_MAX', [
    'a Location made from captures, counted as if each byte of captures and query were escaped',
    'anybody, with a path of thousands of bytes, where a rule has long text or one capture twice',
    '414, close',
    'test/hot/rewrite.test.ts',
    'a Location that could be too long is refused',
  ]),
  row(
    'HEADER_TIMEOUT_MS',
    [
      "from a head's first byte to its last",
      'anybody who sends slowly',
      '408, close',
      CLOSE,
      'close: an unfinished request expires by its first byte, however it dribbles',
    ],
    '--header-timeout',
  ),
  row(
    'IDLE_TIMEOUT_MS',
    [
      'without a request, first or further',
      'anybody who is silent',
      'closed in silence',
      CLOSE,
      'close: a connection that never sent a byte, or rests between two, is closed in silence',
    ],
    '--idle-timeout',
  ),
  row(
    'WRITE_TIMEOUT_MS',
    [
      'in which the kernel is to take of an answer what is next',
      'anybody who does not read, or too slowly; a window that stays shut is no progress',
      'cut off',
      SEND,
      'send: no progress for the write time-out is cut off; a byte now and then is not',
    ],
    '--write-timeout',
  ),
  row(
    'SEND_RATE_MIN',
    [
      'what a client takes of an answer in a second, on average over the write time-out; ' +
        'with 0 any byte is enough',
      'anybody who reads slowly',
      'cut off',
      SEND,
      'send: time is won by as many bytes as are to be taken in a window, and not by one less',
    ],
    '--min-send-rate',
  ),
  row('LINGER_SILENCE_MS', [
    'after an answer that closes, without a byte from the client',
    'anybody who keeps the connection open',
    'closed',
    CLOSE,
    'close: a silent peer is closed after the silence',
  ]),
  row(
    'LINGER_TOTAL_MS',
    [
      'after an answer that closes, in all',
      'anybody who sends on and on, such as a body without an end',
      'closed; what is sent then is reset',
      CLOSE,
      'close: a dribbling peer is closed after the total, however it dribbles',
    ],
    '--linger-timeout',
  ),
  row(
    'DRAIN_WAIT_MS',
    [
      'newcomers served after SIGTERM, each answer the last of its connection; after a reload, ' +
        'idle connections to the workers before',
      'nobody',
      'the drain begins',
      DRAIN,
      'health is 503 at once, and for the wait newcomers are served, none for long',
    ],
    '--drain-wait',
  ),
  row(
    'DRAIN_TIMEOUT_MS',
    [
      'answers under way when the drain begins',
      'anybody who reads slowly',
      'cut off',
      DRAIN,
      'a reader that is stuck ends at the time-out, which the wait does not shorten',
    ],
    '--drain-timeout',
  ),
];

export const CONNECTIONS: readonly LimitRow[] = [
  row(
    'CONNECTIONS_MAX',
    [
      'connections of all workers together',
      'anybody, with many connections',
      'room is made by closing, in this order, the oldest that lingers, the one idle longest, the ' +
        'oldest unfinished head (408); where all are being answered, 503 for the new one',
      HELD,
      'below the limit and at it all are held; one more costs the longest idle its place',
    ],
    '--max-connections',
  ),
  row(
    '--max-connections-per-address',
    [
      'connections of one IPv4 address, or of one IPv6 /64, on each worker; not of trusted ' +
        'proxies and unix sockets',
      'anybody, with many connections',
      '503 for the new one, a turn after it came: who hung up before is not counted',
      'native/test/peers_test.cc',
      'address: below its limit and at it an address is served; one more is refused',
    ],
    '--max-connections-per-address',
  ),
  row('DESCRIPTORS_RESERVED', [
    'what of the limit of open files is no connection',
    'nobody',
    '',
    HELD,
    'without an option the limit of open files is that of connections, but for those reserved',
  ]),
  row('WORKER_DESCRIPTORS', [
    'descriptors of a worker beside its connections and the spare ones',
    'nobody',
    'it gets no more',
    'test/wire/syscalls.test.ts',
    'without free descriptors accepting pauses, never spins, and resumes',
  ]),
  row('CONNECTIONS_SPARE', [
    'new ones over the limit, of each worker, until room is made or they have their 503',
    'anybody, with many connections',
    "accepting waits; the kernel's queue holds who comes",
    LIMIT,
    'limit: without a slot nobody is accepted and nothing spins; a free one goes on',
  ]),
  row('ACCEPTS_PER_TURN', [
    'connections accepted between two rounds of answers',
    'anybody, with many connections',
    'the others wait for the next turn',
    LIMIT,
    'limit: in one turn as many are accepted as may be, and no more; the others in the next',
  ]),
  row('ACCEPT_PAUSE_MS', [
    'accepting, after the kernel had no descriptor or memory left',
    'a machine without them',
    'it tries again then',
    LIMIT,
    'limit: no descriptor left pauses accepting, then goes on; it never spins',
  ]),
  row(
    'TRUSTED_PROXIES_MAX',
    [
      'networks of trusted proxies; each is looked at for each address of X-Forwarded-For',
      OPERATOR,
      REFUSED,
      'test/networks.test.ts',
      'at the limit they are read, and one more is refused',
    ],
    '--trusted-proxy',
  ),
  row(
    'WORKERS_MAX',
    ['workers', OPERATOR, REFUSED, CONFIG, '%s out of its bounds is refused'],
    '--workers',
  ),
  row(
    'HEALTH_PATH_BYTES_MAX',
    ['its path', OPERATOR, REFUSED, CONFIG, 'a path of health stands for itself'],
    '--health-path',
  ),
  row('ADMIN_BYTES_MAX', [
    'what is read of a connection of `--admin`',
    ADMIN_WHO,
    '400, close',
    ADMIN,
    'who has a long head gets the whole page, and no more is read of it',
  ]),
  row('ADMIN_CONNECTIONS_MAX', [
    'such connections',
    ADMIN_WHO,
    'the queue of the kernel holds who comes',
    ADMIN,
    'a hundred at once: sixteen are held, the others wait',
  ]),
  row('ADMIN_TIMEOUT_MS', [
    'such a connection',
    ADMIN_WHO,
    'closed',
    ADMIN,
    'slow bytes and silence end at five seconds',
  ]),
  row(
    'ADDRESSES_MAX',
    [
      'addresses that are listened on',
      OPERATOR,
      REFUSED,
      'test/addresses.test.ts',
      'so many addresses can be listened on, and no more',
    ],
    '--listen',
  ),
];
