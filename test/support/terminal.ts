// terminal.ts: runs a command on a pseudo terminal of script(1).
import { execFileSync, spawn } from 'node:child_process';
import { onEnd } from './cleanup.ts';

export interface Shown {
  readonly code: number | null;
  /** All that was written to the terminal, which puts \r before each \n. */
  readonly text: string;
}

/** `whenShown`: is called with what is there each time there is more; `resize` sets the columns. */
export function onTerminal(
  command: readonly string[],
  settings: { readonly columns: number; readonly env?: Readonly<Record<string, string>> },
  whenShown: (text: string, resize: (columns: number) => void) => void = () => undefined,
): Promise<Shown> {
  const words = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const line = `tty; stty cols ${settings.columns}; exec ${words}`;
  const env = { ...process.env, TERM: 'xterm', ...settings.env };
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onEnd(() => void child.kill());
  let shown = '';
  const text = () => shown.slice(shown.indexOf('\n') + 1);
  const resize = (columns: number) => {
    const device = shown.slice(0, shown.indexOf('\r'));
    execFileSync('stty', ['-F', device, 'cols', String(columns)]);
  };
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    shown += more;
    whenShown(text(), resize);
  });
  return new Promise((resolve) => {
    child.on('close', (code) => void resolve({ code, text: text() }));
  });
}
