/**
 * What is done for somebody who was verified. Each act is in the audit with how they were, the person is told at every contact
 * that was confirmed before it, and the ticket system where there is one. No act shows or sets a password.
 */
import type { AuditRecord } from '../../audit/audit.ts';
import type { AuditEvent } from '../../audit/events.ts';
import type { WriteOutcome } from '../../directory/directory.ts';
import type { Account } from '../../kernel/account.ts';
import { matches } from '../../policy/rules.ts';
import * as incidents from '../../storage/repositories/incidents.ts';
import * as people from '../../storage/repositories/people.ts';
import type { Trx } from '../../storage/storage.ts';
import { commitEffects } from '../commit.ts';
import type { FlowDeps } from '../deps.ts';
import { identifierKeyOf } from '../identifier.ts';
import { mailLanguage } from '../mail-language.ts';
import { notices } from '../notices.ts';
import { maskName, tellTicket } from './desk-ticket.ts';

/** All but the pass, which is its own story (service.ts). */
export type Act = 'unlock' | 'clear' | 'freeze' | 'thaw' | 'must-change';

export interface By {
  /** For the audit. */
  actor: string;
  /** As the person knows them. */
  helper: string;
  /** How the caller was verified, or why it is done. One sentence. */
  reason: string;
  ticket?: string | undefined;
  call?: string | undefined;
  /** Who agreed. */
  second?: string | undefined;
  ip?: string | undefined;
}

export type Done =
  | { is: 'done'; told: string[]; count?: number; warning?: string }
  /** Nothing changed. `cause`: one sentence for the helper. */
  | { is: 'refused'; cause: string };

const EVENTS = {
  unlock: 'desk.unlocked',
  clear: 'enrolment.cleared',
  freeze: 'recovery.frozen',
  thaw: 'recovery.thawed',
  'must-change': 'desk.change-required',
} as const satisfies Record<Act, AuditEvent>;

const TOLD = {
  unlock: 'unlocked',
  clear: 'cleared',
  freeze: 'frozen',
  thaw: 'thawed',
  'must-change': 'must-change',
} as const;

/** Why somebody else has to agree to anything that opens this account. `undefined`: nobody has to. */
export async function secondNeeded({ directory, rules }: FlowDeps, account: Account): Promise<string | undefined> {
  const preflight = await directory.preflight(account);
  if (preflight.is === 'blocked' && preflight.why === 'protected') return preflight.cause;
  return matches(account, rules.privilegedMatch) ? 'The account is privileged.' : undefined;
}

const causeOf = (outcome: Exclude<WriteOutcome, { is: 'applied' }>): string =>
  outcome.is === 'wrong-password' ? 'The directory asked for a password.' : outcome.cause;

export type Acts = ReturnType<typeof createActs>;

export function createActs(deps: FlowDeps, { tickets }: { tickets: boolean }) {
  const { storage, authenticators, sessions, flows, directory, spread, throttle, keyring, clock } = deps;

  /** Failures before it must not stand in the way of what comes after it. */
  const forgive = async (trx: Trx, { id: subject, username, mail }: Account): Promise<void> => {
    for (const name of new Set([username, ...mail])) {
      const identifierKey = identifierKeyOf(keyring, name);
      for (const method of deps.methods.keys()) await throttle.forgive(trx, { identifierKey, subject, method });
      await throttle.signInSucceeded(trx, identifierKey, subject);
    }
  };

  const clear = async (trx: Trx, account: Account): Promise<number> => {
    const own = await authenticators.list(trx, account.id);
    for (const { id } of own) await authenticators.remove(trx, id);
    const now = clock.now();
    await sessions.endAll(trx, account.id, now);
    await flows.endOthers(trx, account.id, undefined, now);
    await flows.remove(trx, account.id, 'enrolment');
    await forgive(trx, account);
    return own.length;
  };

  const directoryAct = async (act: Act, account: Account): Promise<WriteOutcome | undefined> => {
    if (act === 'unlock') return directory.unlock(account);
    return act === 'must-change' ? directory.requireChange(account) : undefined;
  };

  const able = (act: Act): boolean =>
    act === 'unlock' ? directory.can.unlock : act !== 'must-change' || directory.can.mustChange;

  const refusal = async (act: Act, account: Account): Promise<string | undefined> => {
    if (!able(act)) return 'The directory can’t do that.';
    const frozen = (await people.find(storage.db, account.id))?.frozenAt !== undefined;
    if (act === 'freeze' && frozen) return 'Recovery of this account is stopped already.';
    if (act === 'thaw' && !frozen) return 'Recovery of this account is not stopped.';
    return undefined;
  };

  return {
    able,
    /** `also`: what has to hold in the same transaction; a throw there takes everything back but a write to the directory. */
    async run(act: Act, account: Account, by: By, also: (trx: Trx) => Promise<void> = async () => {}): Promise<Done> {
      const no = await refusal(act, account);
      if (no) return { is: 'refused', cause: no };
      const now = clock.now();
      const own = await authenticators.list(storage.db, account.id);
      const written = await directoryAct(act, account);
      if (written && written.is !== 'applied') return { is: 'refused', cause: causeOf(written) };
      const person = { ...account, language: mailLanguage(deps.languages, account, deps.alerts.language) };
      const told = notices(own, 'helper-action-notice', person, now, { action: TOLD[act], helper: by.helper });
      const detail = {
        ...(by.ticket ? { ticket: by.ticket } : {}),
        ...(by.call ? { call: by.call } : {}),
        ...(by.second ? { secondApprover: by.second } : {}),
        ...(act === 'clear' ? { methods: own.map(({ method }) => method) } : {}),
      };
      const record: AuditRecord = {
        event: EVENTS[act],
        outcome: 'success',
        actor: by.actor,
        subject: account.id,
        reason: by.reason,
        detail,
        ...(by.ip ? { ip: by.ip } : {}),
      };
      const count = await storage.transaction(async (trx) => {
        await also(trx);
        const removed = act === 'clear' ? await clear(trx, account) : undefined;
        if (act === 'freeze') {
          await people.freeze(trx, account, by.reason, now);
          await flows.endOthers(trx, account.id, undefined, now);
        }
        if (act === 'thaw') {
          await people.thaw(trx, account.id);
          const closed = await incidents.closeAll(trx, account.id, by.actor, now);
          if (closed > 0) await deps.audit.append(trx, { ...record, event: 'incident.closed' });
        }
        if (act === 'unlock') {
          await forgive(trx, account);
          await spread?.order(trx, account, 'unlock');
        }
        if (act === 'must-change') await spread?.order(trx, account, 'must-change');
        if (tickets) {
          const about = { helper: by.helper, ticket: by.ticket ?? '', person: maskName(account.username), at: now };
          await tellTicket(deps, trx, { act, outcome: 'done', ...about });
        }
        await commitEffects(deps, trx, told.effects, [record]);
        return removed;
      });
      deps.outbox.nudge();
      const warning = written?.is === 'applied' ? written.warning : undefined;
      return {
        is: 'done',
        told: told.told,
        ...(count === undefined ? {} : { count }),
        ...(warning === undefined ? {} : { warning }),
      };
    },
  };
}
