/**
 * Who may begin: people of an open phase, and whoever works in the console, because somebody has to set it up. And what an
 * organisation knows of a person, to be suggested while they enrol.
 */
import type { Account } from '../kernel/account.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Keyring } from '../kernel/keyring.ts';
import { type RoleRule, staffOf } from '../staff/roles.ts';
import { createPreRegistrations } from '../storage/repositories/pre-registrations.ts';
import * as grants from '../storage/repositories/staff-grants.ts';
import type { Storage } from '../storage/storage.ts';
import { dayIn, isOpenOn, type Phase } from './phases.ts';

export interface AdmissionDeps {
  storage: Storage;
  clock: Clock;
  keyring: Keyring;
  phases: readonly Phase[];
  roles: readonly RoleRule[];
  /** IANA name. */
  timeZone: string;
}

const KINDS: Readonly<Record<string, 'email' | 'phone'>> = { email: 'email', sms: 'phone', voice: 'phone' };

export type Admission = ReturnType<typeof createAdmission>;

export function createAdmission({ storage, clock, keyring, phases, roles, timeZone }: AdmissionDeps) {
  const dayOf = dayIn(timeZone);
  const known = createPreRegistrations(keyring);

  return {
    async isOpen(account: Account): Promise<boolean> {
      if (isOpenOn(phases, account, dayOf(clock.now())) || staffOf(roles, account)) return true;
      return (await grants.find(storage.db, account.id)) !== undefined;
    },

    /** An address or number for a way to verify, which nobody has confirmed. */
    async suggestion(accountId: string, method: string): Promise<string | undefined> {
      const kind = KINDS[method];
      return kind && known.find(storage.db, accountId, kind);
    },
  };
}
