/** What both engines must do alike with versions of the settings. Part of storage.ts. */
import { describe, expect, test } from 'vitest';
import * as versions from '../../src/storage/repositories/settings-versions.ts';
import type { Storage } from '../../src/storage/storage.ts';

const NOW = Date.UTC(2026, 10, 24, 8);

const version = (
  base: number,
  values: Record<string, unknown> = { 'limits.triesPerCode': 4 },
): versions.NewVersion => ({
  base,
  values,
  comment: 'fewer',
  author: 'staff:olga',
  createdAt: NOW,
  rollsBackTo: undefined,
});

/** `storage`: the one that the suite opens before its tests. */
export function storageOfSettings(storage: () => Storage): void {
  describe('versions of the settings', () => {
    const propose = (made: versions.NewVersion) => storage().transaction((trx) => versions.propose(trx, made));
    const apply = (number: number, base: number) =>
      storage().transaction((trx) => versions.apply(trx, { number, base, by: 'staff:otto', at: NOW + 1, note: 'yes' }));

    test('are numbered without gaps or doubles however many are proposed at once, and take force one on top of the other', async () => {
      const { db } = storage();
      expect(await versions.currentNumber(db)).toBe(0);
      const numbers = await Promise.all(Array.from({ length: 12 }, () => propose(version(0))));
      expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
      const took = await Promise.all(numbers.map((number) => apply(number, 0)));
      expect(took.filter(Boolean)).toHaveLength(1);
      const current = await versions.currentNumber(db);
      expect(took[numbers.indexOf(current)]).toBe(true);
      expect(await versions.find(db, current)).toMatchObject({
        ...version(0),
        state: 'applied',
        decidedBy: 'staff:otto',
        decidedAt: NOW + 1,
        note: 'yes',
      });
      expect(await versions.list(db, { state: 'proposed', limit: 50 })).toHaveLength(11);
      expect((await versions.list(db, { before: 4, limit: 2 })).map(({ number }) => number)).toEqual([3, 2]);
    });

    test('are decided once: what was rejected never takes force', async () => {
      const { db } = storage();
      const base = await versions.currentNumber(db);
      const number = await propose(version(base, { 'limits.triesPerCode': 3 }));
      const reject = () => storage().transaction((trx) => versions.reject(trx, { number, by: 'staff:otto', at: NOW }));
      expect(await reject()).toBe(true);
      expect(await reject()).toBe(false);
      expect(await apply(number, base)).toBe(false);
      expect(await versions.currentNumber(db)).toBe(base);
    });
  });
}
