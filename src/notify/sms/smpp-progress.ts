/**
 * Remembers which parts of which message the message centre took, so that a second attempt sends only what is missing and
 * one that was taken whole is not sent again. Bounded, and lost with the process: a copy is then possible, a loss never.
 */
const KEPT = 2_000;

export interface Progress {
  has(idempotencyKey: string, part: number): boolean;
  took(idempotencyKey: string, part: number): void;
}

export function createProgress(): Progress {
  const taken = new Map<string, Set<number>>();
  return {
    has: (key, part) => taken.get(key)?.has(part) === true,
    took(key, part) {
      const parts = taken.get(key) ?? new Set();
      taken.delete(key);
      taken.set(key, parts.add(part));
      for (const oldest of taken.keys()) {
        if (taken.size <= KEPT) break;
        taken.delete(oldest);
      }
    },
  };
}
