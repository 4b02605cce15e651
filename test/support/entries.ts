// entries.ts: archives opened for a test, and all routes of one at once.
import { eachEntry } from '../../archiver/reader.ts';
import type { Entry } from '../../archiver/reader.ts';
import { openArchive } from '../../archiver/verify.ts';
import type { SoundArchive } from '../../archiver/verify.ts';
import { onEnd } from './cleanup.ts';

/** Closed after the file's last test. */
export function opened(path: string): SoundArchive {
  const archive = openArchive(path);
  onEnd(() => archive.close());
  return archive;
}

/** Of one site alone, where a host is given. */
export function entriesOf(archive: SoundArchive, only?: string): Entry[] {
  return [...eachEntry(archive, only)];
}
