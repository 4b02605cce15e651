// limit_rows_worker.ts: more of docs/limits.md as data: archives, and the memory of a worker.
import { type LimitRow, row } from './limit_rows.ts';

const DATA = 'native/test/ring_data_test.cc';
const LIMIT = 'native/test/ring_limit_test.cc';
const NOTE = 'test/hot/note.test.ts';
const OUTBOX = 'test/hot/outbox.test.ts';
const SEND = 'native/test/ring_send_test.cc';
const TABLES = 'test/boot/tables.test.ts';
const ROOM = 'they are sent in the middle of the turn';
const LATER = 'the next answers wait until these are taken';

export const ARCHIVES: readonly LimitRow[] = [
  row('VERIFY_TIMEOUT_MS', [
    'the reading of a new archive, by a process of its own',
    'whoever makes an archive that takes that process over; 4 GiB take some ten seconds',
    'it is killed, and what was served before is served on; at the start exit 1',
    'test/ops/verify.test.ts',
    'one that goes on for ever is ended when nobody wants to know any more',
  ]),
  row('WATCH_EVERY_MS', [
    'looks of `--watch` at the file',
    'nobody',
    'it looks again; another file is news when two looks in a row see the same',
    'test/ops/watch.test.ts',
    'renames, symbolic links that are switched, and writes are told once each',
  ]),
];

const LOG = 'test/ops/access_log.test.ts';
const WRITER = 'test/ops/line_writer.test.ts';

export const ACCESS_LOG: readonly LimitRow[] = [
  row('LOG_POLL_MS', [
    'from one look of the supervisor for records to the next',
    'nobody',
    'it looks again',
    LOG,
    'what two workers note is written soon, each in its order',
  ]),
  row('LOG_COPY_BYTES', [
    'records of one worker, copied at a time',
    'many requests',
    'the next are copied at once, while there is room for lines',
    'test/ops/journal.test.ts',
    'the largest records follow each other through copies that each hold one and a part',
  ]),
  row('LOG_BUFFER_BYTES', [
    'lines that are made; as many again are being written',
    'many requests beside a slow disk or reader',
    "records wait in the workers' memory (`JOURNAL_RING_BYTES`)",
    LOG,
    'with a reader that takes nothing workers drop, and nobody waits for it for long',
  ]),
  row('LOG_RETRY_MS', [
    'from a write that failed to the next',
    'a disk that is full, a reader that is gone',
    'it is tried again',
    WRITER,
    'EPIPE is a failure, not the end',
  ]),
  row('LOG_REST_TIMEOUT_MS', [
    'the wait for room for what a dead worker left, and for the last lines',
    'a reader that takes nothing',
    'the rest is counted as lost',
    'test/wire/access_log.test.ts',
    'a reader that takes nothing: everybody is served, and the service ends',
  ]),
  row('LOG_WARNING_EVERY_MS', [
    'from one warning of a kind to the next',
    'nobody',
    'it is counted on',
    LOG,
    'answers without a line are counted, those of dead workers too, and told once',
  ]),
];

export const MEMORY: readonly LimitRow[] = [
  row('INPUT_BYTES_MAX', [
    'received and not dealt with, of one connection',
    'anybody who pipelines',
    'the rest stays in the kernel until there is room',
    DATA,
    'data: more than one range may hold comes on as room is made',
  ]),
  row('INBOX_BYTES', [
    'received in one turn, of all connections',
    'many at once',
    'the others are read in the next turn',
    DATA,
    'data: an inbox with room for one serves many, each in its turn',
  ]),
  row('EVENT_ROWS', [
    'events of one turn',
    'many at once',
    'the others wait for the next turn',
    LIMIT,
    'limit: with sixteen event rows every connection has one OPENED and one CLOSED row',
  ]),
  row('OUTBOX_ROWS', [
    'rows of answers in one turn',
    'many at once',
    ROOM,
    OUTBOX,
    'a connection starts only where all its rows fit',
  ]),
  row('SCRATCH_BYTES', [
    'bytes made for answers in one turn',
    'many at once',
    ROOM,
    OUTBOX,
    'a connection starts only where all its scratch fits',
  ]),
  row('SCRATCH_STATIC_BYTES', [
    'of those, texts made at start',
    'nobody',
    '',
    'test/boot/canned.test.ts',
    'all stand in the part of scratch that never changes',
  ]),
  row('PARTS_MAX', [
    'parts of answers of one connection in one turn',
    'anybody who pipelines',
    LATER,
    OUTBOX,
    'room is counted in parts, and in scratch bytes that change',
  ]),
  row('SCRATCH_PARTS_BYTES_MAX', [
    'made bytes of one connection in one turn',
    'anybody who pipelines, or has long queries redirected',
    LATER,
    OUTBOX,
    'room is counted in parts, and in scratch bytes that change',
  ]),
  row('NOTE_TEXTS', [
    'texts of an answer in the journal: request line, host, Referer, User-Agent, client',
    'nobody',
    '',
    NOTE,
    'line, host, Referer and User-Agent are as they were sent',
  ]),
  row('LOG_LINE_BYTES_MAX', [
    'of those, the request line',
    'anybody, with what is no request line',
    'the rest is not logged',
    NOTE,
    'of what could not be read, what came, as far as a line can go',
  ]),
  row('LOG_FIELD_BYTES_MAX', [
    'of those, any other',
    'anybody, with a long field',
    'the rest is not logged',
    NOTE,
    'a field that is too long is cut',
  ]),
  row('JOURNAL_RING_BYTES', [
    'answers that the supervisor has not written down yet, with an access log',
    'many requests beside a slow disk',
    'their lines are dropped, and counted',
    'native/test/journal_test.cc',
    'where nobody reads, records are dropped whole and counted, and what is there stays',
  ]),
  row('CARRY_BLOCKS', [
    'unfinished heads kept, of all connections',
    'many that send half a head',
    'the oldest gets 408',
    LIMIT,
    'limit: when carry blocks run out the oldest unfinished request expires',
  ]),
  row('PENDING_BLOCKS', [
    'connections whose answer waits for them to read',
    'many that do not read',
    'the one longest without progress is cut off',
    SEND,
    'send: when pending blocks run out, who made no progress for longest is cut off',
  ]),
  row('PEER_BYTES', ['an address of a client', 'nobody', '', TABLES, 'another %s in the addon']),
  row('NETWORK_BYTES', [
    'a network of `--trusted-proxy`',
    'nobody',
    '',
    TABLES,
    'another %s in the addon',
  ]),
  row('WORKER_DATA_BYTES_MAX', [
    'private writable memory of a worker (RLIMIT_DATA)',
    'whoever has taken it over',
    'the kernel refuses; the worker dies of it and is replaced',
    'test/ops/protect_worker.test.ts',
    'limit_data_size',
  ]),
];
