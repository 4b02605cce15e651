// progress.ts: one line on a terminal that says how far the work is; nothing anywhere else.
//
// It is drawn from within the work, ten times a second at most, because much of the work leaves no
// time for timers.
import { performance } from 'node:perf_hooks';
import { fit } from './terminal.ts';
import { count, size } from './text.ts';

export interface Screen {
  readonly isTTY?: boolean;
  /** Of now: it follows the window. */
  readonly columns?: number;
  write(text: string): unknown;
}

/** Of packing, in this order; what is verified has bytes and no items. And of cdbinspect. */
export type Phase = 'scanning' | 'compressing' | 'writing' | 'verifying' | 'extracting';

/** What a phase has to do, where that is known. */
export interface Work {
  readonly items: number;
  readonly bytes: number;
}

export interface Progress {
  /** Is drawn at once: what follows may take long without a step. */
  phase(name: Phase, work?: Work): void;
  step(bytes: number): void;
  /** Writes a text that stays, above the line. */
  say(text: string): void;
  /** Leaves no trace on the screen. */
  end(): void;
}

const INTERVAL_MS = 100;
/** Before that a guess of the time left is worth nothing. */
const GUESS_AFTER_MS = 2_000;
const CLEAR_LINE = '\r\u001b[K';
const COLUMNS = 80;

interface State {
  readonly name: Phase;
  readonly work: Work | undefined;
  readonly started: number;
  items: number;
  bytes: number;
}

/** `terminal` is TERM of the environment: a dumb one cannot clear a line. */
export function startProgress(
  screen: Screen,
  terminal: string | undefined,
  clock: () => number = () => performance.now(),
): Progress {
  const canDraw = screen.isTTY === true && !['', 'dumb'].includes(terminal ?? '');
  if (!canDraw) {
    const nothing = () => undefined;
    return { phase: nothing, step: nothing, say: (text) => screen.write(text), end: nothing };
  }
  let state: State | undefined;
  let drawn = 0;
  const draw = (now: number) => {
    if (!state) return;
    drawn = now;
    // In the last column some terminals begin a new line.
    screen.write(CLEAR_LINE + fit(lineOf(state, now), (screen.columns ?? COLUMNS) - 1));
  };
  return {
    phase(name, work) {
      state = { name, work, started: clock(), items: 0, bytes: 0 };
      draw(state.started);
    },
    step(bytes) {
      if (!state) return;
      state.items++;
      state.bytes += bytes;
      const now = clock();
      if (now - drawn >= INTERVAL_MS) draw(now);
    },
    say(text) {
      screen.write(CLEAR_LINE + text);
      draw(clock());
    },
    end() {
      if (state) screen.write(CLEAR_LINE);
      state = undefined;
    },
  };
}

/** Parts stand in the order of their worth: a narrow terminal loses the last ones. */
function lineOf({ name, work, started, items, bytes }: State, now: number): string {
  const elapsed = now - started;
  if (!work) return items > 0 ? `${name}: ${count(items)}` : name;
  if (items === 0) return [name, ...workOf(work)].join(', ');
  if (work.items === 0) {
    // It leaves no time to learn that the terminal has become narrower: the line is short.
    const percent = Math.floor((100 * bytes) / work.bytes);
    return [`${name}: ${percent} %`, ...timeLeft(work, items, bytes, elapsed)].join(', ');
  }
  const rate = (bytes / Math.max(elapsed, 1)) * 1000;
  const parts = [
    `${count(items)} of ${count(work.items)}`,
    ...(work.bytes > 0 ? [`${size(bytes)} of ${size(work.bytes)}`, `${size(rate)}/s`] : []),
    ...timeLeft(work, items, bytes, elapsed),
  ];
  return `${name}: ${parts.join(', ')}`;
}

function workOf({ items, bytes }: Work): string[] {
  return [...(items > 0 ? [count(items)] : []), ...(bytes > 0 ? [size(bytes)] : [])];
}

function timeLeft(work: Work, items: number, bytes: number, elapsed: number): string[] {
  const share = work.bytes > 0 ? bytes / work.bytes : items / work.items;
  if (elapsed < GUESS_AFTER_MS || share <= 0 || share >= 1) return [];
  const seconds = Math.ceil((elapsed * (1 - share)) / share / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const two = (number: number) => String(number).padStart(2, '0');
  const clock =
    hours > 0
      ? `${hours}:${two(minutes % 60)}:${two(seconds % 60)}`
      : `${minutes}:${two(seconds % 60)}`;
  return [`${clock} left`];
}
