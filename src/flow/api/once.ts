/** A request with an Idempotency-Key is done once: the same again gets the same answer, whichever node it reaches. */
import { createHash } from 'node:crypto';
import { days, minutes } from '../../kernel/clock.ts';
import type { Json } from '../../kernel/json.ts';
import { createApiAnswers } from '../../storage/repositories/api-answers.ts';
import type { FlowDeps } from '../deps.ts';

export interface Answer {
  status: number;
  body: Json;
}

export interface Repeatable {
  /** Keys of different tokens have nothing to do with each other. */
  token: string;
  key: string;
  /** Everything that makes the request what it is. */
  request: readonly unknown[];
}

export type DoneOnce =
  | { is: 'answer'; answer: Answer }
  /** The first one is still at work. */
  | { is: 'busy' }
  /** The key came with another request before. */
  | { is: 'other' };

/** Longer than any of ours takes. */
const LEASE = minutes(2);
const KEPT = days(1);

export function createOnce({ storage, keyring, clock }: Pick<FlowDeps, 'storage' | 'keyring' | 'clock'>) {
  const answers = createApiAnswers(keyring);
  return async function once({ token, key, request }: Repeatable, work: () => Promise<Answer>): Promise<DoneOnce> {
    const id = keyring.mac('idempotency-key', token, key);
    const digest = createHash('sha256').update(JSON.stringify(request)).digest('base64url');
    const now = clock.now();
    const claimed = await answers.claim(storage.db, {
      id,
      fingerprint: keyring.mac('idempotent-request', digest),
      now,
      leaseUntil: now + LEASE,
      expiresAt: now + KEPT,
    });
    if (claimed.is === 'same') return { is: 'answer', answer: { status: claimed.status, body: claimed.body } };
    if (claimed.is !== 'new') return claimed;
    try {
      const answer = await work();
      await answers.keep(storage.db, id, answer.status, answer.body);
      return { is: 'answer', answer };
    } catch (error) {
      // What did not come to an answer may be tried again.
      await answers.forget(storage.db, id).catch(() => undefined);
      throw error;
    }
  };
}
