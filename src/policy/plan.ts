/** Decides which gates a person still has to pass. Pure: everything it needs is passed in. */

export interface RecoveryPolicy {
  /** Combinations of method ids; passing all of one combination is enough. */
  anyOf: readonly (readonly string[])[];
}

export interface PlanInput {
  policy: RecoveryPolicy;
  /** Methods already passed in this journey, in order. */
  passed: readonly string[];
  /** Methods this person could use now; `undefined` before the first gate, when nobody may learn that. */
  usable: readonly string[] | undefined;
}

export type Plan =
  | { is: 'complete' }
  /** Gate `number` of `of` (the shortest way that is still open); one of `methods` comes next. */
  | { is: 'gate'; number: number; of: number; methods: string[] }
  /** No combination can be completed with what this person has. */
  | { is: 'stuck' };

export function plan({ policy, passed, usable }: PlanInput): Plan {
  const can = (method: string) => usable === undefined || usable.includes(method);
  const open = policy.anyOf
    .filter((combination) => passed.every((method) => combination.includes(method)))
    .map((combination) => ({
      length: combination.length,
      left: combination.filter((method) => !passed.includes(method)),
    }))
    .filter(({ left }) => left.every(can));
  if (open.length === 0) return { is: 'stuck' };
  if (open.some(({ left }) => left.length === 0)) return { is: 'complete' };
  return {
    is: 'gate',
    number: passed.length + 1,
    of: Math.min(...open.map(({ length }) => length)),
    methods: [...new Set(open.flatMap(({ left }) => left))],
  };
}
