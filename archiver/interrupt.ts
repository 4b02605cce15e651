// interrupt.ts: what is half done is undone before a signal ends the process.

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs `undo` and then lets the signal do its work; the function given back stops listening. */
export function onInterrupt(undo: () => void): () => void {
  const stop = () => {
    for (const signal of SIGNALS) process.removeListener(signal, end);
  };
  const end = (signal: NodeJS.Signals) => {
    stop();
    undo();
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, end);
  return stop;
}
