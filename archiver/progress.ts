// progress.ts: one line on a terminal that says how far packing is; nothing anywhere else.
import { performance } from 'node:perf_hooks';
import { count, size } from './text.ts';

export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Progress {
  step(bytes: number): void;
  /** Leaves no trace on the screen. */
  end(): void;
}

const INTERVAL_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

export function startProgress(
  screen: Screen,
  total: { readonly files: number; readonly bytes: number },
  clock: () => number = () => performance.now(),
): Progress {
  if (!screen.isTTY) return { step: () => undefined, end: () => undefined };
  const started = clock();
  let drawn = started;
  let files = 0;
  let bytes = 0;
  const draw = (now: number) => {
    const rate = (bytes / Math.max(now - started, 1)) * 1000;
    const parts = [
      `${count(files)} of ${count(total.files)} files`,
      `${size(bytes)} of ${size(total.bytes)}`,
      `${size(rate)}/s`,
    ];
    screen.write(CLEAR_LINE + parts.join(', ').slice(0, (screen.columns ?? 80) - 1));
  };
  return {
    step(more) {
      files++;
      bytes += more;
      const now = clock();
      if (now - drawn < INTERVAL_MS) return;
      drawn = now;
      draw(now);
    },
    end: () => void screen.write(CLEAR_LINE),
  };
}
