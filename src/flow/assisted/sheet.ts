/** What a helper sees of a person: how they stand and what happened, contacts masked, no secret, nothing to guess one from. */
import { type AuditEntry, readAudit } from '../../audit/read.ts';
import type { Account, Authenticator } from '../../kernel/account.ts';
import { maskDestination } from '../../methods/mask.ts';
import { ruleFor } from '../../policy/rules.ts';
import type { SystemState } from '../../spread/operation.ts';
import * as people from '../../storage/repositories/people.ts';
import type { FlowDeps } from '../deps.ts';
import { type Overview, overview } from '../enrolment/overview.ts';
import { gatesOf, heldGates, lasting, mayBeFirst } from '../usable.ts';

export interface Contact {
  /** Authenticator. */
  id: string;
  /** Masked. */
  to: string;
  by: 'mail' | 'text';
}

export interface Sheet {
  account: Account;
  /** `undefined`: the directory can't be asked now. */
  locked: boolean | undefined;
  /** One sentence: what the directory says against a reset. */
  blocked: string | undefined;
  privileged: boolean;
  ready: boolean;
  /** For each way out, what is missing; the shortest first. */
  missing: string[][];
  ways: Pick<Overview['ways'][number], 'method' | 'state' | 'settlesAt' | 'lastUsedAt'>[];
  contacts: Contact[];
  frozenAt: number | undefined;
  frozenReason: string | undefined;
  systems: SystemState[];
  /** Newest first. */
  events: AuditEntry[];
}

const EVENTS = 12;

/** Where a code can be sent that the caller reads back: confirmed, neither worn out nor too new. */
export function contactsOf(own: readonly Authenticator[], now: number): (Contact & { address: string })[] {
  return own.flatMap(({ id, method, data, disabledAt, settlesAt = 0 }) => {
    const address = String((method === 'email' ? data['address'] : method === 'sms' ? data['number'] : '') ?? '');
    if (address === '' || disabledAt !== undefined || settlesAt > now) return [];
    return [
      { id, address, to: maskDestination(address), by: method === 'email' ? ('mail' as const) : ('text' as const) },
    ];
  });
}

export async function sheetOf(deps: FlowDeps, account: Account): Promise<Sheet> {
  const { storage, methods, directory } = deps;
  const now = deps.clock.now();
  const own = await deps.authenticators.list(storage.db, account.id);
  const known = await people.find(storage.db, account.id);
  const preflight = await directory.preflight(account);
  const rule = ruleFor(deps.rules, account);
  const seen = overview({
    account,
    authenticators: own,
    usable: lasting(methods, gatesOf(methods, account, own, now)),
    held: lasting(methods, heldGates(methods, account, own, now)),
    mayBeFirst: mayBeFirst(methods),
    offered: [],
    rule,
    enrollable: [],
    now,
    confirmedAt: known?.confirmedAt,
    reconfirmAfter: deps.contacts.reconfirmAfter,
    frozen: known?.frozenAt !== undefined,
  });
  return {
    account,
    locked:
      preflight.is === 'unavailable'
        ? undefined
        : preflight.is === 'ready'
          ? preflight.locked
          : preflight.why === 'admin-locked',
    blocked: preflight.is === 'ready' ? undefined : preflight.cause,
    privileged: rule === deps.rules.privileged,
    ready: seen.ready && !seen.frozen && preflight.is === 'ready',
    missing: seen.missing,
    ways: seen.ways.map(({ method, state, settlesAt, lastUsedAt }) => ({ method, state, settlesAt, lastUsedAt })),
    contacts: contactsOf(own, now).map(({ id, to, by }) => ({ id, to, by })),
    frozenAt: known?.frozenAt,
    frozenReason: known?.frozenReason,
    systems: (await deps.spread?.states(account.id)) ?? [],
    events: await readAudit(storage.db, { subject: account.id, limit: EVENTS }),
  };
}
