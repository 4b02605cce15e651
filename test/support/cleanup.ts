// cleanup.ts: undoes what a test file made, also when a test throws or the run is cut short.
import { afterAll } from 'vitest';

type Undo = () => Promise<void> | void;

const pending = new Set<Undo>();

afterAll(async () => {
  for (const undo of [...pending].reverse()) await undo();
  pending.clear();
}, 60_000);

/** Runs `undo` after the file's last test; the function given back runs it now and never again. */
export function onEnd(undo: Undo): () => Promise<void> {
  pending.add(undo);
  return async () => {
    if (!pending.delete(undo)) return;
    await undo();
  };
}
