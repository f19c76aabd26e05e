/** Carries out a line that is ready, inside the caller's transaction. Whoever got a way of their own meanwhile keeps it. */
import type { AuditRecord } from '../../audit/audit.ts';
import { commitEffects } from '../../flow/commit.ts';
import type { FlowDeps } from '../../flow/deps.ts';
import { mailLanguage } from '../../flow/mail-language.ts';
import { notices } from '../../flow/notices.ts';
import type { Effect } from '../../kernel/effect.ts';
import { know, type PreRegistrations } from '../../storage/repositories/pre-registrations.ts';
import type { Trx } from '../../storage/storage.ts';
import type { Brings } from './judge.ts';

export interface CarryOutDeps {
  flow: Pick<FlowDeps, 'authenticators' | 'tickets' | 'outbox' | 'audit' | 'clock' | 'languages'>;
  known: PreRegistrations;
}

/** @returns what was new of it, in one sentence; nothing: the person has it all already. */
export async function carryOut(
  { flow, known }: CarryOutDeps,
  trx: Trx,
  { who, known: facts, ways }: Brings,
  { source, actor }: { source: string; actor: string },
): Promise<string | undefined> {
  const now = flow.clock.now();
  for (const kind of ['email', 'phone', 'language'] as const) {
    const value = facts[kind];
    if (value !== undefined) await known.put(trx, { accountId: who.id, kind, value, source }, now);
  }
  const own = ways.length > 0 ? await flow.authenticators.list(trx, who.id) : [];
  const added = ways.filter(({ method }) => own.every((one) => one.method !== method));
  if (added.length > 0) await know(trx, who);
  const language = mailLanguage(flow.languages, { language: who.language }, flow.languages[0] ?? 'en');
  const bound = added.map((one) => ({ ...one, version: 1, createdAt: now }) as (typeof own)[number]);
  const effects: Effect[] = added.map((authenticator) => ({ kind: 'add-authenticator', authenticator }));
  const told = added.flatMap(
    ({ method }) => notices([...own, ...bound], 'factor-added-notice', { ...who, language }, now, { method }).effects,
  );
  const what = [...Object.keys(facts), ...added.map(({ method }) => method)];
  if (what.length === 0) return undefined;
  const record: AuditRecord = {
    event: 'rollout.pre-registered',
    outcome: 'success',
    actor,
    subject: who.id,
    detail: { source, what: Object.keys(facts), ways: added.map(({ method }) => method) },
  };
  await commitEffects(flow, trx, [...effects, ...told], [record]);
  return `Taken over: ${what.join(', ')}.`;
}
