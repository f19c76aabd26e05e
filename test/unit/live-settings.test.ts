/** What parts took from the configuration once stays the same thing and holds the new values. */
import { expect, test } from 'vitest';
import { putInPlace } from '../../src/live-settings.ts';

test('whoever has a part of it sees the change, and what is gone is gone', () => {
  const target = { limits: { tries: 5, gone: 1 }, words: ['a', 'b'], plain: 1 };
  const { limits, words } = target;
  putInPlace(target, { limits: { tries: 4 }, words: ['c'], plain: 2, fresh: { x: 1 } });
  expect(limits).toEqual({ tries: 4 });
  expect(words).toEqual(['c']);
  expect(target).toEqual({ limits: { tries: 4 }, words: ['c'], plain: 2, fresh: { x: 1 } });
  expect(target.limits).toBe(limits);
});
