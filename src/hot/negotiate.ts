// negotiate.ts: which stored coding the client gets. RFC 9110 12.5.3.
import {
  CODING_IDENTITY,
  ROUTE_HEAD_BYTES,
  ROUTE_VARIANTS,
  VARIANT_BYTES,
  VARIANT_CODING,
} from '../format/layout.ts';
import { u8 } from './archive.ts';
import * as R from './request.ts';

const { request } = R;

/** Rank of identity when nobody names it: acceptable, but after every coding that is listed. */
const RANK_LAST = 1;

/**
 * Position of the variant to send; 0: nothing acceptable. The record lists the most preferred
 * first.
 */
export function selectVariant(route: number): number {
  const variants = u8((route + ROUTE_VARIANTS) | 0);
  let best = 0;
  let bestRank = 0;
  let variant = (route + ROUTE_HEAD_BYTES) | 0;
  for (let index = 0; index < variants; index++) {
    const rank = rankOf(u8((variant + VARIANT_CODING) | 0));
    if (rank > bestRank) {
      bestRank = rank;
      best = variant;
    }
    variant = (variant + VARIANT_BYTES) | 0;
  }
  return best;
}

/** Zero: not acceptable. Above RANK_LAST the client's own order. */
function rankOf(coding: number): number {
  const own = request[R.QUALITY + coding]!;
  if (own !== 0) return own === 1 ? 0 : own + RANK_LAST;
  const any = request[R.QUALITY_ANY]!;
  if (any !== 0) return any === 1 ? 0 : any + RANK_LAST;
  return coding === CODING_IDENTITY ? RANK_LAST : 0;
}
