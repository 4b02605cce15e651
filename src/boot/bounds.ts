// bounds.ts: tells the hot zone how long a head may be.
import { bounds, FIELDS, LINE_BYTES, SECTION_BYTES } from '../hot/bounds.ts';
import type { FixedOrders } from './orders.ts';

type HeadOrders = Pick<FixedOrders, 'requestLineBytesMax' | 'headerBytesMax' | 'headerFieldsMax'>;

export function openBounds(orders: HeadOrders): void {
  bounds[LINE_BYTES] = orders.requestLineBytesMax;
  bounds[SECTION_BYTES] = orders.headerBytesMax;
  bounds[FIELDS] = orders.headerFieldsMax;
}
