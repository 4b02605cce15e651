// networks.ts: writes down for the hot zone and the ring whom the operator trusts.
import { NETWORKS_END, networks, trust } from '../hot/networks.ts';
import { NETWORK_BYTES } from '../limits.ts';
import type { Network } from '../networks.ts';

/** Gives the rows in use, for the ring. */
export function openNetworks(trusted: readonly Network[]): Uint8Array {
  networks.fill(0);
  trusted.forEach(({ family, bits, address }, index) => {
    networks.set([family, bits, ...address], index * NETWORK_BYTES);
  });
  trust[NETWORKS_END] = trusted.length * NETWORK_BYTES;
  return networks.subarray(0, trust[NETWORKS_END]);
}
