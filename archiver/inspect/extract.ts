// extract.ts: cdbinspect extract: the files of a site as they were packed, in a folder.
//
// Aliases and redirects are left out. The archive may be hostile: every name is looked at before
// the first file is written, and tree.ts leaves the folder by none.
import { EXIT } from '../../src/errors.ts';
import { refusal } from '../verify.ts';
import { bodyOf, contentOf, eachEntry, identityOf } from '../reader.ts';
import type { Entry } from '../reader.ts';
import { json, plural, printable, size } from '../text.ts';
import type { SoundArchive } from '../verify.ts';
import type { Request, Subcommand } from './subcommand.ts';
import { HOST, JSON_OUT, hostGiven } from './options.ts';
import { pathFault } from './names.ts';
import { openTree } from './tree.ts';
import type { Tree } from './tree.ts';

export const extract: Subcommand = {
  name: 'extract',
  operand: 'DIR',
  options: [
    { flag: '--into', help: 'also into a folder that is not empty; nothing in it is overwritten' },
    JSON_OUT,
    HOST,
  ],
  help: 'the files as they were packed, into a new or empty folder',
  examples: ['cdbinspect extract site.cdb folder', 'cdbinspect extract all.cdb a --host a.example'],
  async run(request) {
    const { archive, name, given, operand, out, progress } = request;
    const host = hostGiven(archive, given);
    for (const entry of filesOf(archive, host)) checkFile(archive, name, entry);
    const tree = openTree(operand, given.has('--into'));
    const done = await writeFiles(request, host, tree).finally(() => tree.close());
    progress.end();
    if (given.has('--json')) out.write(json({ folder: operand, ...done }));
    else out.write(`${printable(operand)}: ${plural(done.files, 'file')}, ${size(done.bytes)}\n`);
    return EXIT.ok;
  },
};

interface Done {
  files: number;
  bytes: number;
}

async function writeFiles(
  { archive, name, progress }: Request,
  host: string | undefined,
  tree: Tree,
): Promise<Done> {
  const done: Done = { files: 0, bytes: 0 };
  const folders = siteFolders(archive, host);
  progress.phase('extracting', { items: archive.manifest.files, bytes: 0 });
  for (const folder of folders.values()) if (folder.length > 0) tree.addFolder(folder);
  for (const entry of filesOf(archive, host)) {
    // The file may have been written to since all names were looked at.
    checkFile(archive, name, entry);
    const route = contentOf(archive, entry)!;
    const body = bodyOf(archive, identityOf(route));
    const path = Buffer.concat([folders.get(entry.host)!, entry.path]);
    await tree.addFile(path, body, route.modified);
    progress.step(0);
    done.files++;
    done.bytes += body.length;
  }
  return done;
}

/** A folder for each site where the archive has hosts: '/default' and '/@host'; else none. */
function siteFolders(
  { manifest }: SoundArchive,
  host: string | undefined,
): ReadonlyMap<string, Buffer> {
  if (host !== undefined) return new Map([[host, Buffer.alloc(0)]]);
  if (manifest.hosts.length === 0) return new Map([['', Buffer.alloc(0)]]);
  const folders = new Map(manifest.hosts.map((name) => [name, Buffer.from(`/@${name}`)]));
  return manifest.defaultSite ? folders.set('', Buffer.from('/default')) : folders;
}

function* filesOf(archive: SoundArchive, host: string | undefined): Generator<Entry> {
  for (const entry of eachEntry(archive, host)) if (entry.route.file) yield entry;
}

function checkFile(archive: SoundArchive, name: string, entry: Entry): void {
  const lost = 'a file at the path of a redirect that leads to no file';
  const fault = pathFault(entry.path) ?? (contentOf(archive, entry) ? undefined : lost);
  if (fault !== undefined) throw refusal(name, entry.key, fault);
}
