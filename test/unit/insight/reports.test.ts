/** The contract of reports on the embedded engine, and what it is made of. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createCalendar, isDay, mondayOf } from '../../../src/insight/reports/calendar.ts';
import { binOf, ERROR, msOf, quantile } from '../../../src/insight/reports/histogram.ts';
import { periodsOf } from '../../../src/insight/reports/periods.ts';
import { newId } from '../../../src/kernel/random.ts';
import { reportsContract } from '../../contract/reports.ts';

const folder = mkdtempSync(join(tmpdir(), 'sparekey-reports-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

reportsContract('SQLite', async () => ({ engine: 'sqlite', file: join(folder, newId(), 'sparekey.db') }));

describe('days', () => {
  test('are those of the organisation, over every change of the clock', () => {
    const berlin = createCalendar('Europe/Berlin');
    expect(berlin(Date.UTC(2026, 9, 24, 21, 59))).toEqual({ day: '2026-10-24', hour: 23 });
    expect(berlin(Date.UTC(2026, 9, 24, 22))).toEqual({ day: '2026-10-25', hour: 0 });
    // Two o'clock comes twice.
    expect([berlin(Date.UTC(2026, 9, 25, 0)).hour, berlin(Date.UTC(2026, 9, 25, 1)).hour]).toEqual([2, 2]);
    expect(createCalendar('Asia/Kathmandu')(Date.UTC(2026, 0, 1, 18, 14)).day).toBe('2026-01-01');
    expect(createCalendar('Asia/Kathmandu')(Date.UTC(2026, 0, 1, 18, 15)).day).toBe('2026-01-02');
  });

  test('that there are not are none', () => {
    expect(['2026-02-29', '2026-13-01', '1999-12-31', '2200-01-01', '2026-1-1', ''].map(isDay)).toEqual(
      Array(6).fill(false),
    );
    expect(isDay('2028-02-29')).toBe(true);
    expect(mondayOf('2026-11-22')).toBe('2026-11-16');
    expect(mondayOf('2026-11-23')).toBe('2026-11-23');
  });

  test('become as few periods as there are', () => {
    expect(periodsOf('2026-01-01', '2026-12-31')).toEqual([{ from: 'm2026-01', to: 'm2026-12' }]);
    expect(periodsOf('2026-01-31', '2026-03-01')).toEqual([
      { from: 'd2026-01-31', to: 'd2026-01-31' },
      { from: 'm2026-02', to: 'm2026-02' },
      { from: 'd2026-03-01', to: 'd2026-03-01' },
    ]);
    expect(periodsOf('2026-02-03', '2026-02-05')).toEqual([{ from: 'd2026-02-03', to: 'd2026-02-05' }]);
  });
});

test('a duration is never told more than 2 % off', () => {
  for (let ms = 1_000; ms < 10_000_000; ms = Math.ceil(ms * 1.013))
    expect(Math.abs(msOf(binOf(ms)) / ms - 1), String(ms)).toBeLessThanOrEqual(ERROR);
  expect(quantile(new Map(), 0.5)).toBeUndefined();
});
