/** "How safe am I?": what a person has, what is missing, and whether they could get back in today. */
import type { Account, Authenticator } from '../../kernel/account.ts';
import type { Gate } from '../../kernel/gate.ts';
import { maskAddress } from '../../methods/mask.ts';
import { missing, plan } from '../../policy/plan.ts';
import type { RecoveryRule } from '../../policy/rules.ts';

export interface Way {
  /** Authenticator id, for removal. */
  id: string;
  method: string;
  label: string;
  createdAt: number;
  lastUsedAt: number | undefined;
  state:
    | 'ready'
    /** The code would go to the mailbox that the forgotten password opens. */
    | 'same-mailbox'
    /** Added lately: opens nothing before `settlesAt`. */
    | 'settling'
    | 'disabled';
  settlesAt: number | undefined;
  /** Saved codes that are left. */
  left: number | undefined;
}

export interface Overview {
  ways: Way[];
  /** Methods that this person could add. */
  addable: string[];
  ready: boolean;
  /** For each way out, what is missing; the shortest first. Empty when ready. */
  missing: string[][];
  /** Directory addresses that were never confirmed. */
  unconfirmed: string[];
  /** Long ago that the person said that everything is right. */
  reconfirm: boolean;
  /** Recovery is stopped until somebody has looked into it. */
  frozen: boolean;
}

export interface OverviewInput {
  account: Account;
  authenticators: readonly Authenticator[];
  /** Gates that the person could pass now. */
  usable: readonly Gate[];
  /** Those and what is worn out. */
  held: readonly Gate[];
  /** Gates that the organisation offers to this person. */
  offered: readonly Gate[];
  rule: RecoveryRule;
  /** Methods that a person adds, and whether several of one make sense. */
  enrollable: readonly { id: string; several: boolean }[];
  mayBeFirst(method: string): boolean;
  now: number;
  confirmedAt: number | undefined;
  /** ms */
  reconfirmAfter: number;
  frozen: boolean;
}

export function overview(input: OverviewInput): Overview {
  const { account, authenticators, usable, rule, now } = input;
  const addresses = authenticators
    .filter(({ method }) => method === 'email')
    .map(({ data }) => String(data['address']).toLowerCase());
  const own = account.mail.map((address) => address.toLowerCase());
  const stateOf = (one: Authenticator): Way['state'] => {
    if (one.disabledAt !== undefined) return 'disabled';
    if ((one.settlesAt ?? 0) > now) return 'settling';
    const same = one.method === 'email' && own.includes(String(one.data['address']).toLowerCase());
    return same ? 'same-mailbox' : 'ready';
  };
  const way = (one: Authenticator): Way => ({
    id: one.id,
    method: one.method,
    label: one.label,
    createdAt: one.createdAt,
    lastUsedAt: one.lastUsedAt,
    state: stateOf(one),
    settlesAt: one.settlesAt,
    left: Array.isArray(one.data['codes']) ? one.data['codes'].length : undefined,
  });
  const ready = canRecover(rule, input);
  const has = (id: string) => usable.some(({ method }) => method === id);
  return {
    // What runs out by itself is somebody else's to give and to take.
    ways: authenticators.filter(({ expiresAt }) => expiresAt === undefined).map(way),
    addable: input.enrollable
      .filter(({ id, several }) => (rule.methods.includes(id) || rule.also.includes(id)) && (several || !has(id)))
      .map(({ id }) => id),
    ready,
    missing: ready ? [] : missing(rule, input),
    reconfirm:
      authenticators.length > 0 && input.confirmedAt !== undefined && now > input.confirmedAt + input.reconfirmAfter,
    frozen: input.frozen,
    unconfirmed: account.mail.filter((address) => !addresses.includes(address.toLowerCase())).map(maskAddress),
  };
}

/** Whether what somebody has would be enough to get back in. */
export const canRecover = (
  rule: RecoveryRule,
  { usable, held, mayBeFirst }: Pick<OverviewInput, 'usable' | 'held' | 'mayBeFirst'>,
): boolean => plan({ rules: [rule], passed: [], usable, held, mayBeFirst }).is !== 'stuck';
