// cache_choice.ts: opens the compression cache that the options ask for, or says why there is none.
import { EXIT, Failure } from '../src/errors.ts';
import { Cache } from './cache.ts';
import type { CacheOptions } from './cache.ts';
import { cacheFolderFault, foreignParent } from './cache_folder.ts';
import type { CacheChoice } from './options.ts';
import { printable } from './text.ts';

export interface CacheUse extends Pick<CacheOptions, 'addon' | 'pool'> {
  note(text: string): void;
}

/**
 * Undefined: packing goes on without, and `note` has been told why, if it was not the operator's
 * will. Throws a Failure when it was --cache that named the folder.
 */
export function openCache(
  { folder, asked, bytesMax }: CacheChoice,
  { addon, pool, note }: CacheUse,
): Cache | undefined {
  if (folder === undefined) return undefined;
  const fault = (asked ? undefined : foreignParent(folder)) ?? cacheFolderFault(folder);
  if (fault === undefined) {
    const onFailure = (error: Error) => note(`the cache is not written to: ${error.message}`);
    return new Cache({ folder, bytesMax, addon, pool, onFailure });
  }
  if (!asked) {
    note(`results of compression are not kept: ${folder}: ${fault}`);
    return undefined;
  }
  const text = `cannot keep results of compression in ${printable(folder)}: ${fault}.`;
  throw new Failure(EXIT.failure, `${text} Name another folder with --cache, or --no-cache.`);
}
