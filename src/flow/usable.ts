/** What somebody could use right now, and what it would count: the policy decides on this alone. */
import type { Authenticator } from '../kernel/account.ts';
import type { Gate } from '../kernel/gate.ts';
import type { Subject, VerificationMethod } from '../methods/method.ts';

type Methods = ReadonlyMap<string, VerificationMethod>;

/** Neither disabled, nor so recently added that it opens nothing yet, nor run out. */
export const usableOf = (
  authenticators: readonly Authenticator[],
  method: Pick<VerificationMethod, 'id' | 'serves'>,
  now: number,
): Authenticator[] =>
  authenticators.filter(
    (one) =>
      (one.method === method.id || method.serves?.includes(one.method) === true) &&
      one.disabledAt === undefined &&
      (one.settlesAt ?? 0) <= now &&
      (one.expiresAt ?? Number.POSITIVE_INFINITY) > now,
  );

/** Gates that this person could pass. */
export const gatesOf = (
  methods: Methods,
  account: Subject,
  authenticators: readonly Authenticator[],
  now: number,
): Gate[] =>
  [...methods.values()].flatMap((method) => {
    const offer = method.offer(usableOf(authenticators, method, now), account);
    return offer ? [{ method: method.id, ...method.worth, ...offer.worth }] : [];
  });

/**
 * Gates that this person has, worn out or not: whoever burns the tries of a factor (N-24) must not have abolished it
 * (ASVS 6.4.3). What opens nothing yet is not asked for yet either.
 */
export const heldGates = (
  methods: Methods,
  account: Subject,
  authenticators: readonly Authenticator[],
  now: number,
): Gate[] =>
  gatesOf(
    methods,
    account,
    authenticators.map((one) => ({ ...one, disabledAt: undefined })),
    now,
  );

/** Without what somebody else makes for one journey: of what lasts only, "could you get back in?" is answered. */
export const lasting = (methods: Methods, gates: readonly Gate[]): Gate[] =>
  gates.filter(({ method }) => methods.get(method)?.issuance === undefined);

/** Gates that the organisation offers, whoever it is. */
export const offeredGates = (methods: Methods): Gate[] =>
  [...methods.values()].map(({ id, worth }) => ({ method: id, ...worth }));

export const mayBeFirst =
  (methods: Methods) =>
  (method: string): boolean =>
    methods.get(method)?.first ?? false;
