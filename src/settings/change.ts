/** What differs between two versions of the settings, path by path. */
import { isDeepStrictEqual } from 'node:util';
import type { StoredValues } from '../config/load.ts';

/** `undefined`: not set, so that the file or the default holds. */
export interface Change {
  path: string;
  before: unknown;
  after: unknown;
}

export const changesBetween = (before: StoredValues, after: StoredValues): Change[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .toSorted()
    .filter((path) => !isDeepStrictEqual(before[path], after[path]))
    .map((path) => ({ path, before: before[path], after: after[path] }));

export const withChanges = (values: StoredValues, changes: readonly Pick<Change, 'path' | 'after'>[]): StoredValues => {
  const next: Record<string, unknown> = { ...values };
  for (const { path, after } of changes) {
    if (after === undefined || after === null) delete next[path];
    else next[path] = after;
  }
  return next;
};
