// proc.ts: what the kernel says of a process, from /proc (proc(5)).
import { existsSync, readFileSync, readdirSync } from 'node:fs';

export function residentBytes(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, 'VmRSS');
}

/** The most it ever had, with pages that others share. */
export function peakBytes(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, 'VmHWM');
}

/**
 * Memory that is the process's own: pages it wrote, without the program file and the archive, which
 * others share. Linux 4.14.
 */
export function privateBytes(pid: number): number {
  return kilobytes(`/proc/${pid}/smaps_rollup`, 'Anonymous');
}

export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Children of all its threads, and theirs. */
export function descendantsOf(pid: number): number[] {
  const children = childrenOf(pid);
  return [...children, ...children.flatMap(descendantsOf)];
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' '),
    )
    .filter((text) => text !== '')
    .map(Number);
}

/** As the kernel knows its program, at most 15 bytes of it. */
export function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}

/** The number of its process group. */
export function groupOf(pid: number): number {
  return Number(statOf(pid)[2]);
}

/** Not gone, and not dead and unburied either. */
export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && statOf(pid)[0] !== 'Z';
}

/** Fields of /proc/PID/stat from the third on, which is the state. */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/**
 * Bytes that the kernel holds for the peers of a local port, sent and not acknowledged or not sent,
 * whether a process has the socket or nobody any more: column tx_queue of proc(5), IPv4 alone.
 */
export function unsentBytes(port: number): number {
  return queuesOf(port).reduce((sum, [unsent]) => sum + unsent, 0);
}

/** Bytes that came to a local port and that its process has not read: column rx_queue, likewise. */
export function unreadBytes(port: number): number {
  return queuesOf(port).reduce((sum, [, unread]) => sum + unread, 0);
}

/** Of a listener the second one counts connections. */
const LISTENS = '0A';

function queuesOf(port: number): (readonly [unsent: number, unread: number])[] {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address, , state]) => address?.endsWith(local) && state !== LISTENS)
    .map(([, , , , queues]) => queues!.split(':').map((text) => parseInt(text, 16)))
    .map(([unsent, unread]) => [unsent!, unread!]);
}

function kilobytes(path: string, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(path, 'utf8'));
  return Number(line![1]) * 1_024;
}
