/**
 * Answers by Idempotency-Key: whoever sends the same request again gets the same answer, and nothing is done twice. Sealed, because
 * an answer may hold a bearer value.
 */
import type { Json } from '../../kernel/json.ts';
import type { Keyring } from '../../kernel/keyring.ts';
import type { Executor } from '../storage.ts';

export type Claimed =
  | { is: 'new' }
  | { is: 'same'; status: number; body: Json }
  /** The first one is still at work. */
  | { is: 'busy' }
  /** The key came with another request before. */
  | { is: 'other' };

export type ApiAnswers = ReturnType<typeof createApiAnswers>;

export function createApiAnswers(keyring: Keyring) {
  const context = (id: string): string => `api-answer:${id}`;
  return {
    /** `id`: of token and key, never the key itself. */
    async claim(
      ex: Executor,
      {
        id,
        fingerprint,
        now,
        leaseUntil,
        expiresAt,
      }: { id: string; fingerprint: string; now: number; leaseUntil: number; expiresAt: number },
    ): Promise<Claimed> {
      const fresh = { id, fingerprint, status: null, data: '', lease_until: leaseUntil, expires_at: expiresAt };
      const made = await ex
        .insertInto('api_answers')
        .values(fresh)
        // What ran out, or was left by a node that died, is begun anew.
        .onConflict((conflict) =>
          conflict
            .column('id')
            .doUpdateSet(fresh)
            .where((eb) =>
              eb.or([
                eb('api_answers.expires_at', '<=', now),
                eb.and([eb('api_answers.status', 'is', null), eb('api_answers.lease_until', '<=', now)]),
              ]),
            ),
        )
        .returning('id')
        .executeTakeFirst();
      if (made) return { is: 'new' };
      const known = await ex.selectFrom('api_answers').selectAll().where('id', '=', id).executeTakeFirst();
      if (!known) return { is: 'busy' };
      if (known.fingerprint !== fingerprint) return { is: 'other' };
      if (known.status === null) return { is: 'busy' };
      return { is: 'same', status: known.status, body: JSON.parse(keyring.open(known.data, context(id))) as Json };
    },

    async keep(ex: Executor, id: string, status: number, body: Json): Promise<void> {
      await ex
        .updateTable('api_answers')
        .set({ status, data: keyring.seal(JSON.stringify(body), context(id)) })
        .where('id', '=', id)
        .execute();
    },

    /** It did not come to an end: the same request may be tried again. */
    async forget(ex: Executor, id: string): Promise<void> {
      await ex.deleteFrom('api_answers').where('id', '=', id).execute();
    },

    /** @returns how many. */
    async sweep(ex: Executor, now: number): Promise<number> {
      const { numDeletedRows } = await ex.deleteFrom('api_answers').where('expires_at', '<=', now).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
