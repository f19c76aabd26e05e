/** Writes what a journey decided, all of it or nothing, inside the caller's transaction. */
import type { AuditRecord } from '../audit/audit.ts';
import { type Effect, isMessage } from '../kernel/effect.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { Trx } from '../storage/storage.ts';
import type { FlowDeps } from './deps.ts';

type Deps = Pick<FlowDeps, 'authenticators' | 'tickets' | 'outbox' | 'audit' | 'clock'>;

/** Which handler of the outbox takes a message. */
const JOBS = { 'send-mail': 'mail', 'send-text': 'text', 'place-call': 'call' } as const;

export async function commitEffects(
  deps: Deps,
  trx: Trx,
  effects: readonly Effect[],
  audit: readonly AuditRecord[],
): Promise<void> {
  for (const effect of effects) {
    if (isMessage(effect)) {
      const { expiresAt, kind, ...message } = effect;
      await deps.outbox.enqueue(trx, { kind: JOBS[kind], payload: message as unknown as JsonObject, expiresAt });
    } else if (effect.kind === 'add-authenticator') {
      await deps.authenticators.add(trx, effect.authenticator, deps.clock.now());
    } else if (effect.kind === 'update-authenticator') {
      await deps.authenticators.update(trx, effect.id, effect.version, effect.change);
    } else if (effect.kind === 'remove-authenticator') {
      await deps.authenticators.remove(trx, effect.id);
    } else if (effect.kind === 'issue-ticket') {
      const { kind: _, ticket: token, ...ticket } = effect;
      await deps.tickets.issue(trx, { ...ticket, token }, deps.clock.now());
    } else if (effect.kind === 'void-tickets') {
      await deps.tickets.useAll(trx, effect.accountId, effect.purpose, deps.clock.now());
    } else {
      await deps.tickets.use(trx, effect.id, deps.clock.now());
    }
  }
  // Last, because on PostgreSQL the end of the chain is locked until commit.
  await deps.audit.append(trx, ...withMessages(audit, effects, deps.clock.now()));
}

/** What went to the senders, in the first record: reports count messages, and what they cost, by it. */
function withMessages(audit: readonly AuditRecord[], effects: readonly Effect[], now: number): readonly AuditRecord[] {
  const [first, ...more] = audit;
  const messages: Record<string, number> = {};
  for (const effect of effects)
    if (isMessage(effect) && effect.expiresAt > now)
      messages[JOBS[effect.kind]] = (messages[JOBS[effect.kind]] ?? 0) + 1;
  if (!first || Object.keys(messages).length === 0) return audit;
  return [{ ...first, detail: { ...first.detail, messages } }, ...more];
}
