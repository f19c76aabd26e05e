/**
 * Proving a password against the built-in directory. The attempt is counted before the password is looked at, so parallel
 * guesses can't pass the limit; and every answer costs exactly one hash, so nobody can tell who has an account by the time it takes.
 */
import { type Argon2Cost, argon2Hash, argon2Verify } from '../../kernel/argon2.ts';
import type { Clock } from '../../kernel/clock.ts';
import { newToken } from '../../kernel/random.ts';
import type { Secret } from '../../kernel/secret.ts';
import { isLocked } from './rules.ts';
import type { BuiltinAccount, BuiltinStore } from './store.ts';

/** 'locked' says nothing about the password. */
export type Proof = 'right' | 'wrong' | 'locked';

export interface SignIn {
  /** One hash, no counting. */
  matches(row: BuiltinAccount | undefined, password: Secret): Promise<boolean>;
  prove(row: BuiltinAccount | undefined, password: Secret): Promise<Proof>;
}

export interface SignInDeps {
  store: BuiltinStore;
  pepper: Buffer;
  clock: Clock;
  cost: Argon2Cost;
  lockAfter: number;
  /** ms */
  lockFor: number;
}

export async function createSignIn({ store, pepper, clock, cost, lockAfter, lockFor }: SignInDeps): Promise<SignIn> {
  const nobodysHash = await argon2Hash(newToken(), pepper, cost);

  const matches: SignIn['matches'] = async (row, password) => {
    const known = row?.passwordHash.startsWith('$argon2id$') ? row.passwordHash : undefined;
    const right = await argon2Verify(password.reveal(), known ?? nobodysHash, pepper);
    return known !== undefined && right;
  };

  const count = async (id: string): Promise<number> => {
    const limit = { threshold: lockAfter, lockUntil: clock.now() + lockFor };
    return (await store.recordFailedBind(id, limit))?.failedBinds ?? Number.POSITIVE_INFINITY;
  };

  /** False: the limit was used up before this attempt. */
  const admit = async (row: BuiltinAccount): Promise<boolean> => {
    if (isLocked(row, clock.now())) return false;
    const counted = await count(row.id);
    if (row.lockedUntil === undefined) return counted <= lockAfter;
    // A lock ran out: of parallel attempts only the first to count may start the count anew, or each would get a fresh one.
    if (counted !== row.failedBinds + 1) return false;
    await store.unlock(row.id);
    return (await count(row.id)) <= lockAfter;
  };

  return {
    matches,
    async prove(row, password) {
      const admitted = row !== undefined && (await admit(row));
      const right = await matches(row, password);
      if (!row) return 'wrong';
      if (!admitted) return 'locked';
      if (right) await store.unlock(row.id);
      return right ? 'right' : 'wrong';
    },
  };
}
