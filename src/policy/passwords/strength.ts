/** How hard a password is to guess, as advice: it refuses nothing. Levels are ours, the estimate is that of zxcvbn. */

/** What is weak about it; the names are those of zxcvbn. */
export const WARNINGS = [
  'straightRow',
  'keyPattern',
  'simpleRepeat',
  'extendedRepeat',
  'sequences',
  'recentYears',
  'dates',
  'topTen',
  'topHundred',
  'common',
  'similarToCommon',
  'wordByItself',
  'namesByThemselves',
  'commonNames',
  'userInputs',
] as const;
export type Warning = (typeof WARNINGS)[number];

/** What would help. */
export const SUGGESTIONS = [
  'anotherWord',
  'useWords',
  'noNeed',
  'l33t',
  'reverseWords',
  'allUppercase',
  'capitalization',
  'dates',
  'recentYears',
  'associatedYears',
  'sequences',
  'repeated',
  'longerKeyboardPattern',
] as const;
export type Advice = (typeof SUGGESTIONS)[number];

export interface Strength {
  /** 0 very weak … 4 strong. */
  level: 0 | 1 | 2 | 3 | 4;
  warning?: Warning;
  /** Most useful first, at most two; none when it is good. */
  advice: Advice[];
}

/** An estimate as the library gives it. */
export interface Estimate {
  /** Decimal logarithm of the guesses that an attacker needs. */
  guesses: number;
  warning: string | null;
  suggestions: readonly string[];
}

/** Guesses, as powers of ten, from which on a level is reached: the last is a day of a graphics card on a fast hash. */
const STEPS = [4, 7, 10, 14] as const;
const GOOD = 3;

export function strengthOf({ guesses, warning, suggestions }: Estimate): Strength {
  const level = STEPS.filter((least) => guesses >= least).length as Strength['level'];
  if (level >= GOOD) return { level, advice: [] };
  const named = WARNINGS.find((one) => one === warning);
  const advice = SUGGESTIONS.filter((one) => suggestions.includes(one)).slice(0, 2);
  return { level, ...(named ? { warning: named } : {}), advice: advice.length > 0 ? advice : ['anotherWord'] };
}
