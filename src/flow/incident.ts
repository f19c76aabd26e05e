/** Opens an incident: kept for whoever looks into it, in the audit, and by mail to the operators who are to be told at once. */
import { days } from '../kernel/clock.ts';
import type { JsonObject } from '../kernel/json.ts';
import * as incidents from '../storage/repositories/incidents.ts';
import type { Trx } from '../storage/storage.ts';
import type { FlowDeps } from './deps.ts';

export interface NewIncident {
  accountId: string;
  /** `not-me`, `risk`, `clone` … */
  kind: string;
  /** One sentence for operators. */
  says: string;
  ip?: string | undefined;
  flow?: string;
}

type Deps = Pick<FlowDeps, 'alerts' | 'outbox' | 'audit' | 'clock' | 'log'>;

export async function openIncident(deps: Deps, trx: Trx, { ip, flow, ...incident }: NewIncident): Promise<void> {
  const now = deps.clock.now();
  const id = await incidents.open(trx, incident, now);
  const { accountId, kind, says } = incident;
  for (const to of deps.alerts.addresses) {
    const values: JsonObject = { name: '', at: now, account: accountId, incident: id, says, ...(ip ? { ip } : {}) };
    const payload: JsonObject = { to, template: 'incident-alert', language: deps.alerts.language, values };
    await deps.outbox.enqueue(trx, { kind: 'mail', payload, expiresAt: now + days(3) });
  }
  deps.log.warn({ incident: id, account: accountId, kind }, says);
  await deps.audit.append(trx, {
    event: 'incident.opened',
    outcome: 'success',
    actor: 'system',
    subject: accountId,
    reason: says,
    detail: { incident: id, kind },
    ...(ip ? { ip } : {}),
    ...(flow ? { flow } : {}),
  });
}
