/** The fewest characters of each kind that satisfy a directory's rules of composition; for the generator and for `check`. */
import type { Composition } from './directory-rules.ts';

export type Kind = 'lower' | 'digit' | 'upper' | 'sign' | 'beyond-ascii';

export type Kinds = Record<Kind, number>;

const WINDOWS_KINDS = 3;
/** Which one is added when only a number of kinds is asked for: easiest to type first. */
const EASIEST: readonly Kind[] = ['lower', 'digit', 'upper', 'sign', 'beyond-ascii'];

export const total = (kinds: Kinds): number => Object.values(kinds).reduce((sum, count) => sum + count, 0);

export function leastKinds(composition: Composition, complexity: boolean): Kinds {
  const { minDigits = 0, minUppers = 0, minLowers = 0, minLetters = 0, minSpecials = 0 } = composition;
  const kinds: Kinds = {
    lower: minLowers,
    digit: minDigits,
    upper: minUppers,
    sign: minSpecials,
    'beyond-ascii': 0,
  };
  // Letters of either case serve a missing kind first.
  const wanted = Math.max(composition.minCategories ?? 0, complexity ? WINDOWS_KINDS : 0);
  const missing = () => wanted - EASIEST.filter((kind) => kinds[kind] > 0).length;
  for (let free = minLetters - minUppers - minLowers; free > 0; free -= 1)
    kinds[kinds.upper === 0 && kinds.lower > 0 && missing() > 0 ? 'upper' : 'lower'] += 1;
  for (const kind of EASIEST) if (missing() > 0 && kinds[kind] === 0) kinds[kind] = 1;
  return kinds;
}
