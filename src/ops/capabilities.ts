// capabilities.ts: a set of capabilities in words, capabilities(7).

/** By number, of linux/capability.h. */
const NAMES = [
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable',
  'net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio',
  'sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time',
  'sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog',
  'wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore',
]
  .join(' ')
  .split(' ');

/** More of them say nothing by name. */
const SHOWN_MAX = 8;

export const NO_CAPABILITY = '0000000000000000';

/** Undefined: the text is no set of /proc/PID/status. */
export function namesOf(text: string): string[] | undefined {
  if (!/^[0-9a-f]{16}$/.test(text)) return undefined;
  const set = BigInt(`0x${text}`);
  const numbers = Array.from({ length: 64 }, (_, number) => number);
  return numbers
    .filter((number) => (set >> BigInt(number)) & 1n)
    .map((number) => NAMES[number] ?? `${number}`);
}

export function describeSet(text: string): string {
  const names = namesOf(text);
  if (names === undefined) return text;
  if (names.length === 0) return 'none';
  return names.length > SHOWN_MAX ? `${names.length}` : names.join(' ');
}
