// bounds.ts: how long a head may be, as the operator says.
import { HEADER_FIELDS_MAX, HEADER_SECTION_BYTES_MAX, REQUEST_LINE_BYTES_MAX } from '../limits.ts';

/** Written at boot; until then the defaults. */
export const bounds = new Int32Array([
  REQUEST_LINE_BYTES_MAX,
  HEADER_SECTION_BYTES_MAX,
  HEADER_FIELDS_MAX,
]);
export const LINE_BYTES = 0;
export const SECTION_BYTES = 1;
export const FIELDS = 2;
