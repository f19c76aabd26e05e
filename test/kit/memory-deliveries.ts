/** Deliveries without a database, for tests of senders: the same promises, in one process. */
import type { Clock } from '../../src/kernel/clock.ts';
import type { Deliveries, KnownDelivery } from '../../src/notify/deliveries.ts';

export function createMemoryDeliveries(clock?: Clock): Deliveries & { rows: KnownDelivery[] } {
  const rows: KnownDelivery[] = [];
  const lives = ({ expiresAt }: KnownDelivery): boolean => clock === undefined || expiresAt > clock.now();
  return {
    rows,
    async open(delivery) {
      rows.push({ ...delivery, version: 1 });
    },
    find: async (kind, id) => structuredClone(rows.find((row) => row.kind === kind && row.id === id && lives(row))),
    findByJob: async (kind, job) =>
      structuredClone(rows.findLast((row) => row.kind === kind && row.job === job && lives(row))),
    async move({ id, version }, to) {
      const row = rows.find((one) => one.id === id && one.version === version);
      if (row) Object.assign(row, to, { version: version + 1 });
      return row !== undefined;
    },
  };
}
