// tables.test.ts: the real ring opens on the tables, and not when a number differs.
import { expect, test } from 'vitest';
import type { FixedOrders } from '../../src/boot/orders.ts';
import { openTables } from '../../src/boot/tables.ts';
import { type Ring, type RingConfig, type WallAddon, loadWall } from '../../src/native.ts';
import { addonPath } from '../../src/paths.ts';
import { ordersWith } from '../support/orders.ts';

const wall = loadWall(addonPath('wall'));
const ORDERS = ordersWith({ controlDescriptor: -1, journalDescriptor: -1, listeners: [] });
/** Places of the fields of an outbox row and bits that no table depends on by name. */
const NOT_COMPARED = /^RING_OUTBOX_(CONNECTION|OP|OFFSET|LENGTH)$/;

test('a ring is opened, with nobody connected', () => {
  const ring = openTables(wall, new ArrayBuffer(4_096), ORDERS);
  expect(ring.connections()).toBe(0);
  expect(ring.stats()).toMatchObject({ accepted: 0, closed: 0, turns: 0 });
});

test.each(Object.keys(wall.layout).filter((name) => !NOT_COMPARED.test(name)))(
  'another %s in the addon is refused by name',
  (name) => {
    const layout = { ...wall.layout, [name]: wall.layout[name]! + 1 };
    const other = { ...wall, layout };
    expect(() => openTables(other, new ArrayBuffer(4_096), ORDERS)).toThrow(
      `ring contract: ${name} is ${layout[name]} in the addon`,
    );
  },
);

test('a number that the addon does not name is refused', () => {
  const { RING_TICK: _, ...layout } = wall.layout as { RING_TICK: number };
  expect(() => openTables({ ...wall, layout }, new ArrayBuffer(4_096), ORDERS)).toThrow(
    'RING_TICK is undefined in the addon',
  );
});

test('the fields of an outbox row are in the order that hot/respond.ts writes', () => {
  const { layout } = wall;
  const fields = ['CONNECTION', 'OP', 'OFFSET', 'LENGTH'].map((name) => `RING_OUTBOX_${name}`);
  expect(fields.map((name) => layout[name])).toEqual([0, 1, 2, 3]);
});

/** What the ring is opened with. */
function configFor(others: Partial<FixedOrders>): RingConfig {
  const given: RingConfig[] = [];
  const Ring = function (config: RingConfig): Ring {
    given.push(config);
    return new wall.Ring(config);
  } as unknown as WallAddon['Ring'];
  openTables({ ...wall, Ring }, new ArrayBuffer(4_096), { ...ORDERS, ...others });
  return given[0]!;
}

test.each([
  [256, 30_000, 7_680],
  [0, 30_000, 1],
  [1, 10, 1],
  [65_536, 3_600_000, 235_929_600],
])('%d bytes a second in %d ms are %d bytes', (sendRateMin, writeTimeoutMs, wanted) => {
  expect(configFor({ sendRateMin, writeTimeoutMs }).writeBytesMin).toBe(wanted);
});

test.each([
  [10, 10],
  [999, 999],
  [1_000, 1_000],
  [5_000, 1_000],
])('who may linger for %d ms may be silent for %d of them', (lingerTimeoutMs, silence) => {
  const { lingerTotalMs, lingerSilenceMs } = configFor({ lingerTimeoutMs });
  expect([lingerTotalMs, lingerSilenceMs]).toEqual([lingerTimeoutMs, silence]);
});
