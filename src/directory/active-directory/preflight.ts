/** Finds out, before anybody goes through the gates, whether the domain would take a new password for this account from us. */
import type { Entry } from 'ldapts';
import type { Account } from '../../kernel/account.ts';
import type { Clock } from '../../kernel/clock.ts';
import { sameDn } from '../../kernel/dn.ts';
import type { ActiveDirectoryConfig } from '../active-directory.ts';
import type { Preflight } from '../directory.ts';
import type { LdapConnection } from '../ldap/connection.ts';
import type { Lookup } from '../ldap/lookup.ts';
import { daclOnly } from './controls.ts';
import { groupsOf, tokenGroups } from './groups.ts';
import { isPrivilegedSid, sidText } from './identifiers.ts';
import { readPolicy } from './policy.ts';
import type { RootDse } from './root.ts';
import { mayNotChangePassword, mayResetPassword } from './security-descriptor.ts';
import { type AdState, STATE_ATTRIBUTES, stateOf } from './state.ts';

type Blocked = Extract<Preflight, { is: 'blocked' }>;

export interface AdPreflight {
  /** The account as it is now, by objectGUID, with its state. */
  locate(connection: LdapConnection, account: Account): Promise<Entry | undefined>;
  /** Why an account must not be reset at all, whatever the password. */
  barrier(connection: LdapConnection, root: RootDse, entry: Entry, state: AdState): Promise<Blocked | undefined>;
  run(connection: LdapConnection, root: RootDse, account: Account): Promise<Preflight>;
}

const blocked = (why: Blocked['why'], cause: string, until?: number): Blocked => ({
  is: 'blocked',
  why,
  cause,
  ...(until === undefined ? {} : { until }),
});

interface Deps {
  config: ActiveDirectoryConfig;
  lookup: Lookup;
  clock: Clock;
}

export function createPreflight({ config, lookup, clock }: Deps): AdPreflight {
  async function locate(connection: LdapConnection, account: Account) {
    const found = await lookup.locate(connection, account, []);
    if (!found) return undefined;
    const [entry] = await connection.search(
      found.dn,
      { scope: 'base', attributes: STATE_ATTRIBUTES, explicitBufferAttributes: ['nTSecurityDescriptor'] },
      daclOnly(),
    );
    return entry;
  }

  async function protectedBy(connection: LdapConnection, root: RootDse, entry: Entry, state: AdState) {
    if (state.adminCount) return 'adminCount is 1: the account is or was in a privileged group.';
    const sids = (await tokenGroups(connection, entry.dn)).flatMap((bytes) => sidText(bytes) ?? []);
    const privileged = sids.find(isPrivilegedSid);
    if (privileged) return `Member of the privileged group ${privileged}.`;
    if (config.protectedGroups.length === 0) return undefined;
    const groups = await groupsOf(connection, entry, root.domainDn);
    const hit = config.protectedGroups.find((group) => groups.some((own) => sameDn(own, group)));
    return hit && `Member of the protected group ${hit}.`;
  }

  async function barrier(connection: LdapConnection, root: RootDse, entry: Entry, state: AdState) {
    const guard = await protectedBy(connection, root, entry, state);
    if (guard) return blocked('protected', guard);
    if (state.disabled) return blocked('disabled', 'userAccountControl has ACCOUNTDISABLE (0x2).');
    if (state.expiresAt !== undefined && state.expiresAt <= clock.now()) {
      return blocked('account-expired', `accountExpires is ${new Date(state.expiresAt).toISOString()}.`);
    }
    if (state.smartcardRequired) {
      return blocked('cannot-change-password', 'userAccountControl has SMARTCARD_REQUIRED (0x40000).');
    }
    return state.dacl && mayNotChangePassword(state.dacl)
      ? blocked(
          'cannot-change-password',
          '"User cannot change password": Change Password is denied in nTSecurityDescriptor.',
        )
      : undefined;
  }

  return {
    locate,
    barrier,
    async run(connection, root, account) {
      const entry = await locate(connection, account);
      if (!entry)
        return { is: 'unavailable', cause: 'The account is gone, or lies outside baseDn and userFilter now.' };
      const state = stateOf(entry);
      const barred = await barrier(connection, root, entry, state);
      if (barred) return barred;
      // Only with policy hints does a reset obey the minimum age.
      if (root.policyHints() && state.passwordSetAt !== undefined) {
        const { minAge } = await readPolicy(connection, root.domainDn, entry);
        const until = minAge === undefined ? undefined : state.passwordSetAt + minAge;
        if (until !== undefined && until > clock.now()) {
          return blocked('minimum-age', `Minimum password age: not before ${new Date(until).toISOString()}.`, until);
        }
      }
      if (state.dacl && root.ourSids.length > 0 && !mayResetPassword(state.dacl, root.ourSids)) {
        return blocked('missing-right', `The service account lacks "Reset Password" on ${entry.dn}.`);
      }
      return { is: 'ready', locked: state.locked, mustChange: state.mustChange, expired: state.passwordExpired };
    },
  };
}
