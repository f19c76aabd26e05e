/** Gathers what is known of one person: their ways to verify as gates, and what stands against them. */
import type { PreflightBlock } from '../../directory/directory.ts';
import { gatesOf, heldGates, lasting, usableOf } from '../../flow/usable.ts';
import type { Account, Authenticator } from '../../kernel/account.ts';
import type { VerificationMethod } from '../../methods/method.ts';
import type { Facts } from './judge.ts';

export interface Gathered {
  facts: Facts;
  /** ms; when time alone may change it. */
  recheckAt: number | undefined;
}

export function gather(
  methods: ReadonlyMap<string, VerificationMethod>,
  account: Account,
  own: readonly Authenticator[],
  known: { frozen: boolean; sharedPhone: boolean; blocked: PreflightBlock | undefined },
  now: number,
): Gathered {
  const email = methods.get('email');
  const addresses = email ? usableOf(own, email, now) : [];
  const settled = own.map((one) => ({ ...one, settlesAt: undefined }));
  const turns = own.flatMap(({ settlesAt, expiresAt }) => [settlesAt, expiresAt]).filter((at) => (at ?? 0) > now);
  const { blocked, ...rest } = known;
  return {
    facts: {
      usable: lasting(methods, gatesOf(methods, account, own, now)),
      held: lasting(methods, heldGates(methods, account, own, now)),
      settled: lasting(methods, gatesOf(methods, account, settled, now)),
      // What runs out by itself is somebody else's to give and to take.
      bound: [...new Set(own.filter(({ expiresAt }) => expiresAt === undefined).map(({ method }) => method))],
      unconfirmedMail: account.mail.length > 0 && !own.some(({ method }) => method === 'email'),
      sameMailbox: addresses.length > 0 && email?.offer(addresses, account) === undefined,
      ...rest,
      ...(blocked ? { blocked } : {}),
    },
    recheckAt: turns.length > 0 ? Math.min(...(turns as number[])) : undefined,
  };
}
