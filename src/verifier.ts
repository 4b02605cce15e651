// verifier.ts: main of the process that reads an archive before anybody serves it. Bundled into one
// CommonJS file, which the worker's bundle runs instead of serving: the spawner starts one program.
import { readFixedOrders } from './boot/orders.ts';
import { verify } from './boot/verify.ts';
import { loadWall } from './native.ts';

const orders = readFixedOrders(process.argv[2]);
verify(loadWall(orders.addon), orders);
