import { expect, test } from 'vitest';
import { clockFinding } from '../../../src/kernel/clock-finding.ts';

const NOW = Date.UTC(2026, 10, 23, 8);

test.each([
  [0, 'ok'],
  [60_000, 'ok'],
  [-61_000, 'warning'],
  [300_000, 'warning'],
  [-301_000, 'failed'],
])('clocks %i ms apart: %s', (apart, is) => {
  expect(clockFinding('clock', NOW + apart, NOW, 'url')).toMatchObject({ is });
});

test('says by how much, and what to do', () => {
  const { cause, fix } = clockFinding('clock', NOW + 600_000, NOW, 'url');
  expect(cause).toBe('The clocks differ by 600 s.');
  expect(fix).toContain('NTP');
});
