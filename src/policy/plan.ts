/**
 * Decides which gates a person still has to pass. Pure: everything it needs is passed in. What counts with what is computed
 * (N-36, N-37), not listed: any set of gates that is enough will do, and of those only sets in which no gate is idle are asked for.
 */
import type { Evidence, Gate } from '../kernel/gate.ts';
import type { RecoveryRule } from './rules.ts';

export interface PlanInput {
  /** One rule; before the first gate, when nobody may learn whose it is, all of them. */
  rules: readonly RecoveryRule[];
  /** Gates passed in this journey, in order. */
  passed: readonly Gate[];
  /** What this person could use now; before the first gate, what the organisation offers. */
  usable: readonly Gate[];
  /**
   * What this person has, worn out or not: tells whether they have a second factor, and what they are asked in addition.
   * Nothing while nobody may learn that.
   */
  held: readonly Gate[];
  /** Only gates that may be asked of a stranger come first. */
  mayBeFirst(method: string): boolean;
}

export type Plan =
  | { is: 'complete' }
  /** Gate `number` of `of` (the shortest way that is still open); one of `methods` comes next. */
  | { is: 'gate'; number: number; of: number; methods: string[] }
  /** Nothing that this person has is enough. */
  | { is: 'stuck' };

/** Proves that somebody holds something, so that questions may follow. */
const POSSESSION: readonly Evidence[] = ['issued', 'saved', 'bound', 'proofing'];

const isPossession = ({ evidence }: Gate): boolean => POSSESSION.includes(evidence);

const CODES: readonly Evidence[] = ['issued', 'saved', 'contact'];

/** A second factor that is shown, or what stands for it. */
const SHOWN: readonly Evidence[] = ['bound', 'saved', 'proofing'];

/** Asked in addition, for nothing. */
const isExtra = (rule: RecoveryRule, method: string): boolean =>
  rule.also.includes(method) && !rule.methods.includes(method);

const isTaken = (rule: RecoveryRule, { method }: Gate): boolean =>
  rule.accepted.includes(method) && !isExtra(rule, method);

/** What a gate counts under a rule: never more than the method itself claims. */
export function weightOf(rule: RecoveryRule, gate: Gate): number {
  if (isExtra(rule, gate.method)) return 0;
  const claimed = isTaken(rule, gate) ? 1 : gate.weight;
  return Math.min(claimed, rule.weights[gate.method] ?? claimed);
}

const isBound = ({ evidence }: Gate): boolean => evidence === 'bound';

const has = (gates: readonly Gate[], method: string): boolean => gates.some((gate) => gate.method === method);

/** Two gates that NIST lets open an account together; what an operator took on counts as a kind of its own (C-01). */
function goTogether(rule: RecoveryRule, one: Gate, other: Gate): boolean {
  const kindOf = (gate: Gate) => (isTaken(rule, gate) ? 'taken' : gate.evidence);
  const counts = (kind: string) => kind === 'taken' || kind === 'bound' || CODES.includes(kind as Evidence);
  const [a, b] = [kindOf(one), kindOf(other)];
  return one.channel !== other.channel && counts(a) && counts(b) && (a !== b || a === 'bound');
}

/**
 * NIST SP 800-63B-4 §4.2.2.2 (N-37): two codes of different kinds, or a code and a bound authenticator, or identity proofed
 * anew; a multi-factor authenticator (and so two of different kinds) is no recovery at all but binds a new one (§4.2, N-28).
 * Only gates that count something are looked at.
 */
export function isPair(rule: RecoveryRule, gates: readonly Gate[]): boolean {
  const counting = gates.filter((gate) => weightOf(rule, gate) > 0);
  return (
    counting.some(({ evidence, weight }) => evidence === 'proofing' || (evidence === 'bound' && weight === 2)) ||
    counting.some((one, n) => counting.slice(n + 1).some((other) => goTogether(rule, one, other)))
  );
}

/** `held`: as in PlanInput. */
export function isEnough(rule: RecoveryRule, gates: readonly Gate[], held: readonly Gate[]): boolean {
  if (rule.oneOf.length > 0 && !gates.some(({ method }) => rule.oneOf.includes(method))) return false;
  if (!rule.kinds.every((kind) => gates.some(({ evidence }) => evidence === kind))) return false;
  if (!rule.also.every((method) => has(gates, method) || !has(held, method))) return false;
  // Each channel counts once, with the best that came through it.
  const best = new Map<string, number>();
  for (const gate of gates) {
    const weight = weightOf(rule, gate);
    if (weight > (best.get(gate.channel) ?? 0)) best.set(gate.channel, weight);
  }
  let sum = 0;
  for (const weight of best.values()) sum += weight;
  if (sum < rule.gates || best.size < rule.ways) return false;
  const hasFactor = gates.some(isBound) || held.some(isBound);
  if (rule.showFactor && hasFactor && !gates.some(({ evidence }) => SHOWN.includes(evidence))) return false;
  return !rule.pair || (!hasFactor && rule.gates < 2) || isPair(rule, gates);
}

/** Whether it could make a set enough that is not: it counts, or something is wanted that only it brings. */
const isOfUse = (rule: RecoveryRule, gate: Gate): boolean =>
  weightOf(rule, gate) > 0 ||
  rule.oneOf.includes(gate.method) ||
  rule.kinds.includes(gate.evidence) ||
  SHOWN.includes(gate.evidence);

/** What may still be asked for. A second one through the same channel adds nothing, so it is idle and drops out later. */
const leftOf = (rule: RecoveryRule, passed: readonly Gate[], usable: readonly Gate[]): Gate[] =>
  usable.filter(
    (gate) =>
      !has(passed, gate.method) &&
      (rule.also.includes(gate.method) || (rule.methods.includes(gate.method) && isOfUse(rule, gate))),
  );

const orders = new Map<number, readonly number[]>();

const bitsIn = (mask: number): number => (mask === 0 ? 0 : (mask & 1) + bitsIn(mask >>> 1));

/** All subsets of `size` things as bit masks, the smallest subsets first. */
function subsetsOf(size: number): readonly number[] {
  const known = orders.get(size);
  if (known) return known;
  const made = Array.from({ length: 2 ** size }, (_, mask) => mask).sort((a, b) => bitsIn(a) - bitsIn(b) || a - b);
  orders.set(size, made);
  return made;
}

/** Whether these can be passed one after the other: what belongs behind a gate that proves possession needs one. */
const isWalkable = (gates: readonly Gate[], mayBeFirst: PlanInput['mayBeFirst']): boolean =>
  gates.every(({ method }) => mayBeFirst(method)) ||
  gates.some((gate) => mayBeFirst(gate.method) && isPossession(gate));

/** Sets of what is left that would be enough together with what was passed, none with an idle gate; the smallest first. */
function waysOut(rule: RecoveryRule, { passed, usable, held, mayBeFirst }: Omit<PlanInput, 'rules'>): Gate[][] {
  const left = leftOf(rule, passed, usable);
  const must = left.filter(({ method }) => rule.also.includes(method) && has(held, method));
  const may = left.filter((gate) => !must.includes(gate));
  const proven = passed.some(isPossession);
  const found: number[] = [];
  const sets: Gate[][] = [];
  for (const mask of subsetsOf(may.length)) {
    if (found.some((smaller) => (smaller & mask) === smaller)) continue;
    const set = may.filter((_gate, n) => (mask & (1 << n)) !== 0).concat(must);
    if (!isEnough(rule, passed.concat(set), held) || !(proven || isWalkable(set, mayBeFirst))) continue;
    found.push(mask);
    sets.push(set);
  }
  return sets;
}

export function plan({ rules, passed, usable, held, mayBeFirst }: PlanInput): Plan {
  const proven = passed.some(isPossession);
  const open = rules.flatMap((rule) => waysOut(rule, { passed, usable, held, mayBeFirst }));
  if (open.length === 0) return { is: 'stuck' };
  if (open.some((set) => set.length === 0)) return { is: 'complete' };
  const next = open.flatMap((set) => set.map(({ method }) => method)).filter((method) => proven || mayBeFirst(method));
  return {
    is: 'gate',
    number: passed.length + 1,
    of: passed.length + Math.min(...open.map((set) => set.length)),
    methods: [...new Set(next)],
  };
}

/** For each way out, what is not there yet; the shortest first, none that asks for more than another. For "what is missing?". */
export function missing(
  rule: RecoveryRule,
  {
    usable,
    held,
    offered,
    mayBeFirst,
  }: Pick<PlanInput, 'usable' | 'held' | 'mayBeFirst'> & { offered: readonly Gate[] },
): string[][] {
  const all = [...usable, ...offered.filter(({ method }) => !has(usable, method))];
  const lacking = waysOut(rule, { passed: [], usable: all, held, mayBeFirst })
    .map((set) => set.map(({ method }) => method).filter((method) => !has(usable, method)))
    .sort((a, b) => a.length - b.length);
  return lacking.filter(
    (set, n) => !lacking.slice(0, n).some((smaller) => smaller.every((method) => set.includes(method))),
  );
}
