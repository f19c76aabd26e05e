/**
 * Whether somebody could recover today, by the same plan that a recovery goes by. Pure: what is known of a person is gathered
 * once (facts) and can be judged by any rules, so a change of rules asks nobody.
 */
import type { PreflightBlock } from '../../directory/directory.ts';
import { canRecover } from '../../flow/enrolment/overview.ts';
import type { Gate } from '../../kernel/gate.ts';
import { type RecoveryRule, type RuleBook, ruleFor } from '../../policy/rules.ts';
import type { Verdict } from '../../storage/repositories/readiness.ts';
import type { Reason } from './reason.ts';

export interface Facts {
  /** Gates that the person could pass now; what somebody else makes for one journey is left out. */
  usable: readonly Gate[];
  /** Those, and what is worn out. */
  held: readonly Gate[];
  /** Those that will be usable once nothing is too new any more. */
  settled: readonly Gate[];
  /** Methods of what was added, whatever its state. */
  bound: readonly string[];
  /** The directory lists an address, and none was ever confirmed. */
  unconfirmedMail: boolean;
  /** Every confirmed address is behind the very password that is forgotten. */
  sameMailbox: boolean;
  /** Somebody else has the same phone number. */
  sharedPhone: boolean;
  frozen: boolean;
  blocked?: PreflightBlock;
}

/** Rules, and the methods that they use: only those are open, so only those say that somebody has a second factor. */
export interface Judging {
  book: RuleBook;
  inUse: ReadonlySet<string>;
  mayBeFirst(method: string): boolean;
}

export interface Judged {
  rule: string;
  verdict: Verdict;
  reasons: Reason[];
}

const able = (rule: RecoveryRule, usable: readonly Gate[], held: readonly Gate[], judging: Judging): boolean => {
  const open = (gates: readonly Gate[]) => gates.filter(({ method }) => judging.inUse.has(method));
  return canRecover(rule, { usable: open(usable), held: open(held), mayBeFirst: judging.mayBeFirst });
};

const OFF: readonly PreflightBlock[] = ['disabled', 'account-expired'];

function gateReasons(facts: Facts, rule: RecoveryRule, judging: Judging): Reason[] {
  const { usable, held, settled, bound, unconfirmedMail, sameMailbox } = facts;
  const allowed = [...rule.methods, ...rule.also].filter((method) => judging.inUse.has(method));
  const counting = usable.filter(({ method }) => allowed.includes(method));
  const when = (holds: boolean, reason: Reason): Reason[] => (holds ? [reason] : []);
  return [
    ...when(bound.length === 0 && counting.length === 0, 'never-enrolled'),
    ...when(bound.length > 0 && counting.length === 0, 'no-method'),
    ...when(counting.length > 0, 'too-few-gates'),
    ...when(
      usable.some(({ method }) => !allowed.includes(method)),
      'method-not-allowed',
    ),
    ...when(unconfirmedMail && allowed.includes('email'), 'unconfirmed-mail'),
    ...when(sameMailbox, 'catch-22-mailbox'),
    ...when(able(rule, settled, held, judging), 'contact-settling'),
    ...when(
      held.some(({ method }) => !usable.some((gate) => gate.method === method)),
      'factor-disabled',
    ),
  ];
}

/** A minimum age passes by itself, so it keeps nobody out for good. */
export function judge(
  facts: Facts,
  account: { groups: readonly string[]; attributes: Readonly<Record<string, readonly string[]>> },
  judging: Judging,
  rule: RecoveryRule = ruleFor(judging.book, { groups: [...account.groups], attributes: account.attributes }),
): Judged {
  const { blocked } = facts;
  const stands = blocked !== undefined && blocked !== 'minimum-age' ? [blocked] : [];
  if (blocked && OFF.includes(blocked)) return { rule: rule.name, verdict: 'off', reasons: stands as Reason[] };
  const could = able(rule, facts.usable, facts.held, judging);
  const reasons: Reason[] = [
    ...(stands as Reason[]),
    ...(facts.frozen ? (['frozen'] as const) : []),
    ...(could ? [] : gateReasons(facts, rule, judging)),
    ...(facts.sharedPhone ? (['phone-shared'] as const) : []),
  ];
  const ready = could && stands.length === 0 && !facts.frozen;
  return { rule: rule.name, verdict: ready ? 'ready' : 'not-ready', reasons };
}
