/** Writes what a journey decided, all of it or nothing, inside the caller's transaction. */
import type { AuditRecord } from '../audit/audit.ts';
import type { Effect } from '../kernel/effect.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { Trx } from '../storage/storage.ts';
import type { FlowDeps } from './deps.ts';

type Deps = Pick<FlowDeps, 'authenticators' | 'outbox' | 'audit' | 'clock'>;

export async function commitEffects(
  deps: Deps,
  trx: Trx,
  effects: readonly Effect[],
  audit: readonly AuditRecord[],
): Promise<void> {
  for (const effect of effects) {
    if (effect.kind === 'send-mail') {
      const { expiresAt, kind: _, ...mail } = effect;
      await deps.outbox.enqueue(trx, { kind: 'mail', payload: mail as unknown as JsonObject, expiresAt });
    } else if (effect.kind === 'add-authenticator') {
      await deps.authenticators.add(trx, effect.authenticator, deps.clock.now());
    } else if (effect.kind === 'update-authenticator') {
      await deps.authenticators.update(trx, effect.id, effect.version, effect.change);
    } else {
      await deps.authenticators.remove(trx, effect.id);
    }
  }
  // Last, because on PostgreSQL the end of the chain is locked until commit.
  await deps.audit.append(trx, ...audit);
}
