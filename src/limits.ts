// limits.ts: every bound of the server, with its unit in the name.
//
// Numbers and their relations only; what an option may change is clamped in config.ts against the
// pairs here.

export const REQUEST_LINE_BYTES_MAX = 8_192;
export const HEADER_SECTION_BYTES_MAX = 16_384;
export const HEADER_FIELDS_MAX = 100;
/** What options may make of these; a longer request line would not fit tables made for it. */
export const REQUEST_LINE_BYTES_LEAST = 64;
export const HEADER_SECTION_BYTES_LEAST = 64;
export const HEADER_SECTION_BYTES_TOP = 24_000;
export const HEADER_FIELDS_TOP = 1_000;

/**
 * What one connection may have received and not yet consumed: a full head, and room to see its end.
 */
export const INPUT_BYTES_MAX = 32_768;
/** Bytes of all connections in one turn, each range followed by a zero byte. */
export const INBOX_BYTES = 2 * 1024 * 1024;
export const EVENT_ROWS = 1_024;
export const OUTBOX_ROWS = 16_384;
/** One sendmsg: parts of one connection in one turn. */
export const PARTS_MAX = 64;
/** Scratch bytes that one connection may have among its parts. */
export const SCRATCH_PARTS_BYTES_MAX = 32_768;
export const SCRATCH_BYTES = 1024 * 1024;
/** Of one answer in the journal: request line, host, Referer, User-Agent, client. */
export const NOTE_TEXTS = 5;
export const LOG_LINE_BYTES_MAX = REQUEST_LINE_BYTES_MAX;
export const LOG_FIELD_BYTES_MAX = 2_048;
/** For each worker: answers that nobody has written down yet. */
export const JOURNAL_RING_BYTES = 8 * 1024 * 1024;
/** Looks of the supervisor into the workers' records. */
export const LOG_POLL_MS = 20;
/** Of one worker's records, at a time. */
export const LOG_COPY_BYTES = 256 * 1024;
/** Lines of the access log that are made, and as many again that are being written. */
export const LOG_BUFFER_BYTES = 1024 * 1024;
/** After a write that failed. */
export const LOG_RETRY_MS = 1_000;
/** What a dead worker leaves, and what is left at the end of the service, is written in. */
export const LOG_REST_TIMEOUT_MS = 3_000;
export const LOG_WARNING_EVERY_MS = 60_000;
/** A Location made for one request: in most rules the longest request line asks for less. */
export const LOCATION_BYTES_MAX = 3 * REQUEST_LINE_BYTES_MAX;
/** Scratch below this never changes after boot, so that native may keep references into it. */
export const SCRATCH_STATIC_BYTES = 16_384;

/** Connection numbers are 16 bits; the generation is the next 15. */
export const CONNECTIONS_MAX = 65_535;
export const CONNECTIONS_SPARE = 16;
export const PEER_BYTES = 32;
/** --trusted-proxy; each is looked at for each member of X-Forwarded-For. */
export const TRUSTED_PROXIES_MAX = 64;
export const NETWORK_BYTES = 18;
/** Unfinished requests kept over turns: blocks of INPUT_BYTES_MAX. */
export const CARRY_BLOCKS = 1_024;
/** Connections whose peer does not read: blocks of PARTS_MAX parts and SCRATCH_PARTS_BYTES_MAX. */
export const PENDING_BLOCKS = 4_096;
export const ACCEPTS_PER_TURN = 64;
export const DESCRIPTORS_RESERVED = 64;
/** Of a worker beside its connections: twice what it may inherit, and what Node opens. */
export const WORKER_DESCRIPTORS = 320;
/**
 * Private writable memory of a worker, taken over or not: Node 24 has 740 MB of addresses in it
 * from the start, most never touched.
 */
export const WORKER_DATA_BYTES_MAX = 1024 * 1024 * 1024;

export const HEADER_TIMEOUT_MS = 10_000;
export const IDLE_TIMEOUT_MS = 60_000;
export const WRITE_TIMEOUT_MS = 30_000;
/** Bytes a second that a client takes of an answer, on average over the write time-out. */
export const SEND_RATE_MIN = 256;
export const SEND_RATE_MIN_TOP = 65_536;
export const LINGER_SILENCE_MS = 1_000;
export const LINGER_TOTAL_MS = 5_000;
export const ACCEPT_PAUSE_MS = 100;
/** From SIGTERM until the drain begins: a balancer that asks each second for health notices. */
export const DRAIN_WAIT_MS = 1_000;
export const DRAIN_TIMEOUT_MS = 10_000;
/** Of each of these that an option changes: below nobody could be served, above it is none. */
export const TIMEOUT_MS_MIN = 10;
export const TIMEOUT_MS_MAX = 3_600_000;
/** --health-path. */
export const HEALTH_PATH_BYTES_MAX = 255;

/** --admin: what of a connection is read. */
export const ADMIN_BYTES_MAX = 1_024;
export const ADMIN_CONNECTIONS_MAX = 16;
export const ADMIN_TIMEOUT_MS = 5_000;

/** Of whoever reads a new archive: 4 GiB take some ten seconds. */
export const VERIFY_TIMEOUT_MS = 300_000;
/** --watch looks at the file's identity, and twice at a new one. */
export const WATCH_EVERY_MS = 1_000;

export const WORKERS_MAX = 64;
/** --listen; a worker inherits a socket for each. */
export const ADDRESSES_MAX = 64;

function assertRelations(): void {
  const relations: readonly (readonly [boolean, string])[] = [
    [REQUEST_LINE_BYTES_MAX + HEADER_SECTION_BYTES_TOP + 6 <= INPUT_BYTES_MAX, 'a head fits'],
    [(SEND_RATE_MIN_TOP / 1_000) * TIMEOUT_MS_MAX < 2 ** 31, 'what is to be taken has 31 bits'],
    [INPUT_BYTES_MAX * 8 <= INBOX_BYTES, 'the inbox serves several full connections a turn'],
    [
      PARTS_MAX + (PARTS_MAX / 2) * (1 + NOTE_TEXTS) + 2 <= OUTBOX_ROWS,
      'one connection fits the outbox',
    ],
    [
      SCRATCH_STATIC_BYTES + SCRATCH_PARTS_BYTES_MAX <= SCRATCH_BYTES,
      'one connection fits scratch',
    ],
    [CONNECTIONS_MAX < 1 << 16, 'a connection number has 16 bits'],
    [LINGER_SILENCE_MS < LINGER_TOTAL_MS, 'silence ends before the total'],
  ];
  for (const [holds, meaning] of relations)
    if (!holds) throw new Error(`limits: not so: ${meaning}`);
}
assertRelations();
