/** Finds out, before anybody goes through the gates, whether OpenLDAP would accept a new password for this account. */
import type { Entry } from 'ldapts';
import type { Account } from '../../kernel/account.ts';
import type { Clock } from '../../kernel/clock.ts';
import { sameDn } from '../../kernel/dn.ts';
import type { Preflight } from '../directory.ts';
import type { LdapConnection } from '../ldap/connection.ts';
import { text } from '../ldap/entry.ts';
import { answered } from '../ldap/failure.ts';
import type { Lookup } from '../ldap/lookup.ts';
import type { OpenldapConfig } from '../openldap.ts';
import { groupsOf } from './groups.ts';
import { POLICY_ATTRIBUTES, type PpolicyEntry, policyOf } from './policy.ts';
import { mayWrite } from './rights.ts';
import { STATE_ATTRIBUTES, stateOf } from './state.ts';

export interface OpenldapPreflight {
  run(connection: LdapConnection, account: Account): Promise<Preflight>;
  /** The policy of this account, or the default one. Undefined: none, or not readable. */
  policyFor(connection: LdapConnection, account: Account | undefined): Promise<PpolicyEntry | undefined>;
  readPolicy(connection: LdapConnection, entry: Entry | undefined): Promise<PpolicyEntry | undefined>;
  /** Why an entry must not be written at all, whatever the password: protected, locked for good, out of its time. */
  barrier(connection: LdapConnection, entry: Entry, policy: PpolicyEntry | undefined): Promise<Blocked | undefined>;
}

type Blocked = Extract<Preflight, { is: 'blocked' }>;

interface Deps {
  config: OpenldapConfig;
  lookup: Lookup;
  clock: Clock;
  groupBase: string;
}

const blocked = (why: Blocked['why'], cause: string, until?: number) =>
  ({ is: 'blocked', why, cause, ...(until === undefined ? {} : { until }) }) as const;

const iso = (ms: number): string => new Date(ms).toISOString();

export function createPreflight({ config, lookup, clock, groupBase }: Deps): OpenldapPreflight {
  async function readPolicy(connection: LdapConnection, entry: Entry | undefined): Promise<PpolicyEntry | undefined> {
    const dn = (entry && text(entry, 'pwdPolicySubentry')) ?? config.defaultPolicyDn;
    if (dn === undefined) return undefined;
    try {
      const [found] = await connection.search(dn, { scope: 'base', attributes: POLICY_ATTRIBUTES });
      return found && policyOf(found);
    } catch (error) {
      if (answered(error, 32, 34, 50)) return undefined;
      throw error;
    }
  }

  async function barrier(connection: LdapConnection, entry: Entry, policy: PpolicyEntry | undefined) {
    const now = clock.now();
    if (config.protectedGroups.length > 0) {
      const groups = await groupsOf(connection, entry, groupBase, config.attributes.username);
      const hit = config.protectedGroups.find((group) => groups.some((own) => sameDn(own, group)));
      if (hit) return blocked('protected', `Member of the protected group ${hit}.`);
    }
    const state = stateOf(entry, policy, now);
    if (state.disabled) return blocked('disabled', 'nsAccountLock is true.');
    if (state.startsAt !== undefined && state.startsAt > now) {
      return blocked('disabled', `pwdStartTime is ${iso(state.startsAt)}.`, state.startsAt);
    }
    if (state.endsAt !== undefined && state.endsAt <= now) {
      return blocked('account-expired', `pwdEndTime is ${iso(state.endsAt)}.`);
    }
    if (state.adminLocked) {
      return blocked('admin-locked', 'pwdAccountLockedTime is 000001010000Z: locked by an administrator, for good.');
    }
    // slapd would let the service account, but whoever set this does not want people to choose.
    return policy?.allowUserChange === false
      ? blocked('cannot-change-password', `pwdAllowUserChange is FALSE in ${policy.dn}.`)
      : undefined;
  }

  return {
    barrier,
    readPolicy,
    async policyFor(connection, account) {
      const entry = account && (await lookup.locate(connection, account, STATE_ATTRIBUTES));
      return readPolicy(connection, entry);
    },
    async run(connection, account) {
      const entry = await lookup.locate(connection, account, STATE_ATTRIBUTES);
      if (!entry) return { is: 'unavailable', cause: 'The entry is gone, or lies outside baseDn and userFilter now.' };
      const policy = await readPolicy(connection, entry);
      const barred = await barrier(connection, entry, policy);
      if (barred) return barred;
      const state = stateOf(entry, policy, clock.now());
      if (policy && config.passwordRight === 'write') {
        if (policy.safeModify) {
          return blocked(
            'cannot-change-password',
            `pwdSafeModify is TRUE in ${policy.dn}: only with the old password.`,
          );
        }
        if (state.youngUntil !== undefined) {
          const attribute = policy.source === '389-ds' ? 'passwordMinAge' : 'pwdMinAge';
          const cause = `${attribute} in ${policy.dn}: not before ${iso(state.youngUntil)}.`;
          return blocked('minimum-age', cause, state.youngUntil);
        }
      }
      if ((await mayWrite(connection, entry.dn, 'userPassword')) === false) {
        return blocked('missing-right', `The service account may not write userPassword of ${entry.dn}.`);
      }
      return { is: 'ready', locked: state.locked, mustChange: state.mustChange, expired: state.expired };
    },
  };
}
