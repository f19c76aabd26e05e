/**
 * What a change of the rules would do before anybody makes it: which rules become stricter, and what they would newly
 * refuse. Passwords are not known, so the people are given by shape, or the samples are made up.
 */
import type { Blocklist } from './blocklist.ts';
import type { PersonalWords } from './own-words.ts';
import { brokenRules, judgePassword, type PasswordRules, type RuleId } from './rules.ts';

export interface RuleSet {
  rules: PasswordRules;
  blocklist: Blocklist;
}

/** A password that stands for many; never one that somebody has. */
export interface Sample {
  password: string;
  person?: PersonalWords;
  /** How many people have one of this shape; absent: 1. */
  people?: number;
}

export interface RuleChange {
  id: RuleId;
  is: 'new' | 'gone' | 'stricter' | 'looser';
  /** The numbers in the rule's sentence. */
  before?: number;
  after?: number;
  /** Of the people in the samples, how many are refused by this rule now and were not before. */
  newlyRefused: number;
}

export interface RulePreview {
  /** Only what changes, strictest in effect first. */
  changes: RuleChange[];
  /** People whose password is taken today and would not be. */
  newlyRefused: number;
  people: number;
}

/** With these a greater number is the laxer rule. */
const UPPER_BOUNDS: readonly RuleId[] = ['max-length', 'max-repeats', 'max-bytes'];

/** Every rule with its number, also those that show only when broken. */
function demands({ rules }: RuleSet): Map<RuleId, number | undefined> {
  const shown = judgePassword(
    '',
    rules,
    { has: () => false, begins: () => false, near: () => false, longest: 0, size: 0 },
    undefined,
  );
  const found = new Map<RuleId, number | undefined>(shown.map(({ id, value }) => [id, value]));
  return found.set('max-length', rules.maxLength);
}

/** Something is refused that was not, when a number moves or words are added. */
function difference(id: RuleId, before: RuleSet, after: RuleSet): RuleChange['is'] | undefined {
  const [old, now] = [demands(before), demands(after)];
  if (!old.has(id)) return now.has(id) ? 'new' : undefined;
  if (!now.has(id)) return 'gone';
  const [from, to] = [old.get(id) ?? 0, now.get(id) ?? 0];
  if (from !== to) return to > from !== UPPER_BOUNDS.includes(id) ? 'stricter' : 'looser';
  if (id === 'common' && before.blocklist.size !== after.blocklist.size)
    return after.blocklist.size > before.blocklist.size ? 'stricter' : 'looser';
  if (id !== 'context') return undefined;
  const known = new Set(before.rules.contextWords);
  if (after.rules.contextWords.some((word) => !known.has(word))) return 'stricter';
  return after.rules.contextWords.length < known.size ? 'looser' : undefined;
}

export function previewRules(before: RuleSet, after: RuleSet, samples: readonly Sample[] = []): RulePreview {
  const refusedBy = new Map<RuleId, number>();
  let newlyRefused = 0;
  let people = 0;
  for (const { password, person, people: many = 1 } of samples) {
    people += many;
    const broken = (set: RuleSet) =>
      brokenRules(judgePassword(password, set.rules, set.blocklist, person)).map(({ id }) => id);
    const old = broken(before);
    const now = broken(after).filter((id) => !old.includes(id));
    for (const id of now) refusedBy.set(id, (refusedBy.get(id) ?? 0) + many);
    if (old.length === 0 && now.length > 0) newlyRefused += many;
  }
  const [old, now] = [demands(before), demands(after)];
  const ids = new Set<RuleId>([...old.keys(), ...now.keys(), ...refusedBy.keys()]);
  const changes = [...ids].flatMap((id): RuleChange[] => {
    // A rule that shows only when broken is stricter when more break it.
    const is = difference(id, before, after) ?? (refusedBy.has(id) ? 'stricter' : undefined);
    if (!is) return [];
    const [from, to] = [old.get(id), now.get(id)];
    return [
      {
        id,
        is,
        ...(from === undefined ? {} : { before: from }),
        ...(to === undefined ? {} : { after: to }),
        newlyRefused: refusedBy.get(id) ?? 0,
      },
    ];
  });
  return { changes: changes.sort((a, b) => b.newlyRefused - a.newlyRefused), newlyRefused, people };
}
