// entries.ts: all routes of an archive at once.
import { eachEntry } from '../../archiver/reader.ts';
import type { Entry } from '../../archiver/reader.ts';
import type { SoundArchive } from '../../archiver/verify.ts';

/** Of one site alone, where a host is given. */
export function entriesOf(archive: SoundArchive, only?: string): Entry[] {
  return [...eachEntry(archive, only)];
}
