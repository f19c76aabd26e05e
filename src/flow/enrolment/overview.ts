/** "How safe am I?": what a person has, what is missing, and whether they could get back in today. */
import type { Account, Authenticator } from '../../kernel/account.ts';
import { maskAddress } from '../../methods/mask.ts';
import { plan, type RecoveryPolicy } from '../../policy/plan.ts';

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
    | 'disabled';
  /** Saved codes that are left. */
  left: number | undefined;
}

export interface Overview {
  ways: Way[];
  /** Methods of the organisation that this person has not set up. */
  addable: string[];
  ready: boolean;
  /** For each combination of the policy, what is missing; the shortest first. Empty when ready. */
  missing: string[][];
  /** Directory addresses that were never confirmed. */
  unconfirmed: string[];
}

export function overview(
  account: Account,
  authenticators: readonly Authenticator[],
  usable: readonly string[],
  policy: RecoveryPolicy,
  methods: readonly string[],
): Overview {
  const addresses = authenticators
    .filter(({ method }) => method === 'email')
    .map(({ data }) => String(data['address']).toLowerCase());
  const own = account.mail.map((address) => address.toLowerCase());
  const way = (one: Authenticator): Way => ({
    id: one.id,
    method: one.method,
    label: one.label,
    createdAt: one.createdAt,
    lastUsedAt: one.lastUsedAt,
    state:
      one.disabledAt !== undefined
        ? 'disabled'
        : one.method === 'email' && own.includes(String(one.data['address']).toLowerCase())
          ? 'same-mailbox'
          : 'ready',
    left: Array.isArray(one.data['codes']) ? one.data['codes'].length : undefined,
  });
  return {
    ways: authenticators.map(way),
    addable: methods.filter((method) => method === 'email' || method === 'totp' || !usable.includes(method)),
    ready: plan({ policy, passed: [], usable }).is !== 'stuck',
    missing:
      plan({ policy, passed: [], usable }).is === 'stuck'
        ? policy.anyOf
            .map((combination) => combination.filter((method) => !usable.includes(method)))
            .sort((a, b) => a.length - b.length)
        : [],
    unconfirmed: account.mail.filter((address) => !addresses.includes(address.toLowerCase())).map(maskAddress),
  };
}
