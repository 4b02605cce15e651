// ending.test.ts: the words and the exit code of a worker that has thrown.
import { expect, test } from 'vitest';
import { endWith } from '../../src/boot/ending.ts';
import { Unprotected } from '../../src/boot/lock.ts';
import { EXIT } from '../../src/errors.ts';
import type { WallAddon } from '../../src/native.ts';

/** The addon ends the process; here it says what it would have done. */
function ending(error: unknown): readonly [said: string, code: number] {
  let said = '';
  const wall = {
    say: (words: string) => void (said = words),
    exit: (code: number): never => {
      throw code;
    },
  };
  try {
    return endWith(wall as unknown as WallAddon, error);
  } catch (code) {
    return [said, code as number];
  }
}

test('a slip of ours is told with its stack, and asks to be reported', () => {
  const [said, code] = ending(new TypeError('x is not a function'));
  expect(said).toMatch(
    /^internal error, please report it: TypeError: x is not a function\n {4}at /,
  );
  expect(code).toBe(EXIT.bug);
});

test('a protection that is refused is told as it is', () => {
  expect(ending(new Unprotected('no filter here'))).toEqual([
    'no filter here',
    EXIT.sandboxUnavailable,
  ]);
});
