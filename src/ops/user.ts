// user.ts: who serves once root is given up: NAME[:GROUP] to numbers.
import { readFileSync } from 'node:fs';
import { EXIT, Failure } from '../errors.ts';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** The account of the Debian package; where it is not, nobody. */
const OWN_NAME = 'cdbserve';
const DEFAULT_NAME = 'nobody';
/** Where there is no /etc/passwd: the kernel's own number for nobody (proc(5), overflowuid). */
const NOBODY: User = { uid: 65_534, gid: 65_534 };
/** (uid_t) -1 means "leave it" to setresuid(2). */
const ID_MAX = 2 ** 32 - 2;

/**
 * `text` is NAME[:GROUP], each a name or a number; undefined: cdbserve if there is such a user,
 * else nobody. The files are read as passwd(5) and group(5); a user of the network's directory is
 * given by number. Throws a Failure.
 */
export function findUser(
  text: string | undefined,
  files: { readonly passwd: string; readonly group: string },
): User {
  const [name = '', group] = (text ?? defaultName(files.passwd)).split(':', 2);
  const user = lookUpUser(name, files.passwd, text === undefined);
  const gid = group === undefined ? user.gid : lookUpGroup(group, files.group);
  if (user.uid !== 0 && gid !== undefined) return { uid: user.uid, gid };
  if (user.uid === 0) throw refusal(text ?? name, `${name} is root, and root does not serve.`);
  throw refusal(text ?? name, `a user given by number needs a group: --user ${name}:GROUP.`);
}

export function readUserFiles(): { readonly passwd: string; readonly group: string } {
  return { passwd: readOrEmpty('/etc/passwd'), group: readOrEmpty('/etc/group') };
}

function defaultName(passwd: string): string {
  return rowsOf(passwd).some(([name]) => name === OWN_NAME) ? OWN_NAME : DEFAULT_NAME;
}

function lookUpUser(name: string, passwd: string, byDefault: boolean): Partial<User> & UidOnly {
  const fields = rowsOf(passwd).find(
    ([known, , uid]) => known === name || (isNumber(name) && uid === name),
  );
  const uid = numberOf(fields?.[2]);
  const gid = numberOf(fields?.[3]);
  if (uid !== undefined && gid !== undefined) return { uid, gid };
  if (byDefault) return NOBODY;
  const given = numberOf(name);
  if (given !== undefined) return { uid: given };
  throw refusal(name, `there is no such user in /etc/passwd. Name one that is, or its number.`);
}

interface UidOnly {
  readonly uid: number;
}

function lookUpGroup(name: string, group: string): number {
  const row = rowsOf(group).find(([known]) => known === name);
  const gid = numberOf(row?.[2]) ?? numberOf(name);
  if (gid !== undefined) return gid;
  throw refusal(name, `there is no such group in /etc/group. Name one that is, or its number.`);
}

function rowsOf(text: string): string[][] {
  return text.split('\n').map((line) => line.split(':'));
}

function isNumber(text: string): boolean {
  return /^[0-9]{1,10}$/.test(text);
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !isNumber(text)) return undefined;
  return Number(text) <= ID_MAX ? Number(text) : undefined;
}

function refusal(text: string, why: string): Failure {
  return new Failure(EXIT.usage, `--user ${text}: ${why}`);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
