/** Finds out, before anybody goes through the gates, whether OpenLDAP would accept a new password for this account. */
import type { Entry } from 'ldapts';
import type { Account } from '../../kernel/account.ts';
import type { Clock } from '../../kernel/clock.ts';
import { sameDn } from '../../kernel/dn.ts';
import type { Asking, Preflight } from '../directory.ts';
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
  run(connection: LdapConnection, account: Account, asking?: Asking): Promise<Preflight>;
  /** The policy of this account, or the default one. Undefined: none, or not readable. */
  policyFor(
    connection: LdapConnection,
    account: Account | undefined,
    asking?: Asking,
  ): Promise<PpolicyEntry | undefined>;
  /** Always read anew. */
  readPolicy(connection: LdapConnection, entry: Entry | undefined): Promise<PpolicyEntry | undefined>;
  /** Why an entry must not be written at all, whatever the password: protected, locked for good, out of its time. */
  barrier(
    connection: LdapConnection,
    entry: Entry,
    policy: PpolicyEntry | undefined,
    groups?: readonly string[],
  ): Promise<Blocked | undefined>;
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
  const policyDn = (entry: Entry | undefined): string | undefined =>
    (entry && text(entry, 'pwdPolicySubentry')) ?? config.defaultPolicyDn;

  async function readAt(connection: LdapConnection, dn: string): Promise<PpolicyEntry | undefined> {
    try {
      const [found] = await connection.search(dn, { scope: 'base', attributes: POLICY_ATTRIBUTES });
      return found && policyOf(found);
    } catch (error) {
      if (answered(error, 32, 34, 50)) return undefined;
      throw error;
    }
  }

  async function readPolicy(connection: LdapConnection, entry: Entry | undefined): Promise<PpolicyEntry | undefined> {
    const dn = policyDn(entry);
    return dn === undefined ? undefined : readAt(connection, dn);
  }

  async function barrier(
    connection: LdapConnection,
    entry: Entry,
    policy: PpolicyEntry | undefined,
    groups?: readonly string[],
  ) {
    const now = clock.now();
    if (config.protectedGroups.length > 0) {
      const all = groups ?? (await groupsOf(connection, entry, groupBase, config.attributes.username));
      const hit = config.protectedGroups.find((group) => all.some((own) => sameDn(own, group)));
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
    async policyFor(connection, account, { justRead = false } = {}) {
      const read = account && justRead ? lookup.readAlong(account) : undefined;
      const entry = read ?? (account && (await lookup.locate(connection, account, STATE_ATTRIBUTES)));
      return readPolicy(connection, entry);
    },
    async run(connection, account, { justRead = false } = {}) {
      const read = justRead ? lookup.readAlong(account) : undefined;
      const entry = read ?? (await lookup.locate(connection, account, STATE_ATTRIBUTES));
      if (!entry) return { is: 'unavailable', cause: 'The entry is gone, or lies outside baseDn and userFilter now.' };
      const policy = await readPolicy(connection, entry);
      const barred = await barrier(connection, entry, policy, read && account.groups);
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
