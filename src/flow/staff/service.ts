/**
 * Who may work in the console: a signed-in person with a role and a proven second factor, for 15 minutes without a click and
 * eight hours at the most, whatever the portal allows. Roles given by hand come from a one-use link that is bound to one account.
 */
import type { Account } from '../../kernel/account.ts';
import { hours, minutes } from '../../kernel/clock.ts';
import { newId, newToken } from '../../kernel/random.ts';
import { type RoleRule, roleNamed, staffOf } from '../../staff/roles.ts';
import { actorOf, type Staff } from '../../staff/staff.ts';
import { StaleWrite } from '../../storage/failure.ts';
import type { StoredSession } from '../../storage/repositories/sessions.ts';
import * as grants from '../../storage/repositories/staff-grants.ts';
import type { FlowDeps } from '../deps.ts';

/** Purpose of the ticket behind the link. */
const INVITE = 'console-invite';
const INVITE_LASTS = hours(24);
const IDLE = minutes(15);
const ABSOLUTE = hours(8);

export type Admission =
  | { is: 'admitted'; staff: Staff }
  /** Signed in without one of the second factors that open the console. */
  | { is: 'no-factor' }
  /** Signed in too long ago, or idle for too long. */
  | { is: 'stale' }
  | { is: 'no-role' };

export type Accepted = { is: 'accepted'; role: string } | { is: 'unknown' } | { is: 'no-factor' };

export interface StaffSettings {
  roles: readonly RoleRule[];
  /** Methods whose proof opens the console. */
  factors: readonly string[];
}

export type StaffService = ReturnType<typeof createStaffService>;

export function createStaffService(
  { storage, tickets, audit, clock }: Pick<FlowDeps, 'storage' | 'tickets' | 'audit' | 'clock'>,
  { roles, factors }: StaffSettings,
) {
  const proven = ({ factor }: Pick<StoredSession, 'factor'>) => factor !== undefined && factors.includes(factor);

  return {
    /** Asked at every request, so that whoever leaves a group is out with the next click. */
    async admit(session: StoredSession, account: Account): Promise<Admission> {
      const given = await grants.find(storage.db, account.id);
      const staff = staffOf(roles, account, given?.role);
      if (!staff) return { is: 'no-role' };
      if (!proven(session)) return { is: 'no-factor' };
      const now = clock.now();
      if (now - session.seenAt > IDLE || now - session.createdAt > ABSOLUTE) return { is: 'stale' };
      return { is: 'admitted', staff };
    },

    /** Somebody asked for what the role does not allow. */
    async refused(staff: Staff, what: string, ip: string): Promise<void> {
      await storage.transaction((trx) =>
        audit.append(trx, {
          event: 'console.refused',
          outcome: 'refused',
          actor: actorOf(staff),
          ip,
          reason: `${what} is not among the rights of the role ${staff.role}.`,
        }),
      );
    },

    /** @returns the value for the link; older ones of that account are worthless now. @throws Error for an unknown role. */
    async invite(account: Account, role: string, by: string): Promise<{ token: string; expiresAt: number }> {
      if (!roleNamed(roles, role)) throw new Error(`No role is called ${role}.`);
      const token = newToken();
      const now = clock.now();
      const expiresAt = now + INVITE_LASTS;
      await storage.transaction(async (trx) => {
        await tickets.useAll(trx, account.id, INVITE, now);
        const ticket = { id: newId(), purpose: INVITE, accountId: account.id, data: { role, by }, expiresAt, token };
        await tickets.issue(trx, ticket, now);
        await audit.append(trx, {
          event: 'console.invited',
          outcome: 'success',
          actor: by,
          subject: account.id,
          detail: { role },
        });
      });
      return { token, expiresAt };
    },

    /** Opens once, for the account it was made for, and only with a proven second factor. */
    async accept(token: string, session: StoredSession, account: Account, ip: string): Promise<Accepted> {
      const now = clock.now();
      const ticket = await tickets.findByToken(storage.db, INVITE, token, now);
      const role = String(ticket?.data['role'] ?? '');
      if (!ticket || ticket.usedAt !== undefined || ticket.accountId !== account.id || !roleNamed(roles, role))
        return { is: 'unknown' };
      if (!proven(session)) return { is: 'no-factor' };
      try {
        await storage.transaction(async (trx) => {
          await tickets.use(trx, ticket.id, now);
          const by = String(ticket.data['by'] ?? '');
          const { id: accountId, username } = account;
          await grants.give(trx, { accountId, username, role, grantedBy: by, grantedAt: now });
          await audit.append(trx, {
            event: 'console.granted',
            outcome: 'success',
            actor: accountId,
            subject: accountId,
            ip,
            detail: { role, by },
          });
        });
      } catch (error) {
        if (error instanceof StaleWrite) return { is: 'unknown' };
        throw error;
      }
      return { is: 'accepted', role };
    },

    grants: () => grants.list(storage.db),

    /** @returns false when the account had none. */
    revoke: (account: Pick<Account, 'id'>, by: string): Promise<boolean> =>
      storage.transaction(async (trx) => {
        await tickets.useAll(trx, account.id, INVITE, clock.now());
        if (!(await grants.take(trx, account.id))) return false;
        await audit.append(trx, { event: 'console.revoked', outcome: 'success', actor: by, subject: account.id });
        return true;
      }),
  };
}
