/**
 * Password writes on OpenLDAP. `unknown` exactly when the request has left and no readable answer came; a must-change flag
 * set by the server (right `manage` and pwdMustChange) is taken away again.
 */
import { Attribute, Change, type Entry, PasswordPolicyControl } from 'ldapts';
import type { Account } from '../../kernel/account.ts';
import { sameDn } from '../../kernel/dn.ts';
import type { Secret } from '../../kernel/secret.ts';
import type { WriteOutcome } from '../directory.ts';
import type { LdapConnection } from '../ldap/connection.ts';
import { isEmpty } from '../ldap/empty-password.ts';
import { flag, text } from '../ldap/entry.ts';
import { answered, beforeWrite, causeOf, failureOf, isTurnedAway } from '../ldap/failure.ts';
import type { Lookup } from '../ldap/lookup.ts';
import { PASSWORD_MODIFY, passwordModifyValue } from '../ldap/password-modify.ts';
import type { Sessions } from '../ldap/sessions.ts';
import type { PpolicyEntry } from './policy.ts';
import type { OpenldapPreflight } from './preflight.ts';
import { bindRefusal, signedIn, writeRefusal } from './refusal.ts';
import { STATE_ATTRIBUTES } from './state.ts';
import { mustChange389 } from './state-389.ts';

interface Deps {
  sessions: Sessions;
  lookup: Lookup;
  preflight: OpenldapPreflight;
}

interface Target {
  entry: Entry;
  policy: PpolicyEntry | undefined;
}

const clear = (type: string) => new Change({ operation: 'replace', modification: new Attribute({ type, values: [] }) });

/** 389-DS says "quality" for everything. What else can be computed was judged before the password was sent. */
function named389(outcome: WriteOutcome, password: Secret, { minLength }: PpolicyEntry): WriteOutcome {
  const short = minLength !== undefined && Array.from(password.reveal()).length < minLength;
  return short && outcome.is === 'refused' && outcome.rules.includes('quality')
    ? { ...outcome, rules: ['too-short'] }
    : outcome;
}

export function createWrites({ sessions, lookup, preflight }: Deps) {
  /** The entry and its policy, or why it must not be written. Nothing has been sent that could change anything. */
  async function target(connection: LdapConnection, account: Account): Promise<Target | WriteOutcome> {
    const entry = await lookup.locate(connection, account, STATE_ATTRIBUTES);
    if (!entry) return { is: 'failed', cause: 'The entry is gone, or lies outside baseDn and userFilter now.' };
    const policy = await preflight.readPolicy(connection, entry);
    const barred = await preflight.barrier(connection, entry, policy);
    return barred ? { is: 'failed', cause: barred.cause } : { entry, policy };
  }

  const safely = async (work: () => Promise<WriteOutcome>): Promise<WriteOutcome> => {
    try {
      return await work();
    } catch (error) {
      return beforeWrite(failureOf(error));
    }
  };

  async function modifyPassword(connection: LdapConnection, { entry, policy }: Target, password: Secret, old?: Secret) {
    for (let attempt = 1; ; attempt += 1) {
      const control = new PasswordPolicyControl();
      try {
        await connection.extended(PASSWORD_MODIFY, passwordModifyValue(entry.dn, password, old), control);
        return { is: 'applied' } as const;
      } catch (error) {
        // Two resets of one person at the same time race for pwdHistory; nothing was written by the loser.
        if (answered(error, 16) && attempt === 1) continue;
        // Nothing was done here; another server may do it.
        if (isTurnedAway(error)) throw error;
        const outcome = writeRefusal(failureOf(error), control.value?.error, old !== undefined);
        return policy?.source === '389-ds' ? named389(outcome, password, policy) : outcome;
      }
    }
  }

  async function removeMustChange(connection: LdapConnection, { entry }: Target): Promise<WriteOutcome> {
    let attribute = 'pwdReset';
    try {
      const attributes = [attribute, 'passwordExpirationTime'];
      const [now] = await connection.search(entry.dn, { scope: 'base', attributes });
      // 389-DS keeps pwdReset by itself and goes by the other one.
      if (now && mustChange389(now)) attribute = 'passwordExpirationTime';
      else if (!now || !flag(now, attribute)) return { is: 'applied' };
      await connection.modify(entry.dn, [clear(attribute)]);
      return { is: 'applied' };
    } catch (error) {
      return { is: 'applied', warning: `The must-change flag ${attribute} could not be removed: ${causeOf(error)}` };
    }
  }

  /** As 389-DS keeps it: the count and the time of the lock. */
  async function unlock389(connection: LdapConnection, dn: string): Promise<WriteOutcome> {
    try {
      await connection.modify(dn, [clear('accountUnlockTime'), clear('passwordRetryCount')]);
      return { is: 'applied' };
    } catch (error) {
      if (isTurnedAway(error)) throw error;
      return writeRefusal(failureOf(error), undefined, false);
    }
  }

  /** Why nobody would be asked for a new password, whatever the entry says. cn=config shows only what it was told to. */
  async function notAsked(
    connection: LdapConnection,
    policy: PpolicyEntry | undefined,
  ): Promise<WriteOutcome | undefined> {
    if (!policy) return undefined;
    const { dn, source } = policy;
    const name = source === '389-ds' ? 'passwordMustChange' : 'pwdMustChange';
    const [entry] = await connection.search(dn, { scope: 'base', attributes: [name] });
    const told = entry && text(entry, name)?.toLowerCase();
    const unreadable = told === undefined && sameDn(dn, 'cn=config');
    if (told === 'true' || told === 'on' || unreadable) return undefined;
    return {
      is: 'failed',
      cause: `${name} is not set in ${dn}, so that nobody would be asked.`,
      hint: `Set ${name} there.`,
    };
  }

  const reset = (account: Account, password: Secret) =>
    sessions.asService(async (connection) => {
      const found = await target(connection, account);
      if ('is' in found) return found;
      const outcome = await modifyPassword(connection, found, password);
      return outcome.is === 'applied' ? removeMustChange(connection, found) : outcome;
    }, account.key);

  async function change(account: Account, password: Secret, old: Secret): Promise<WriteOutcome> {
    if (isEmpty(old)) return { is: 'wrong-password' };
    return sessions.asService(async (service) => {
      const found = await target(service, account);
      if ('is' in found) return found;
      return sessions.beside(service, (person) => changeAs(person, service, found, password, old));
    }, account.key);
  }

  async function changeAs(
    person: LdapConnection,
    service: LdapConnection,
    found: Target,
    password: Secret,
    old: Secret,
  ): Promise<WriteOutcome> {
    const control = new PasswordPolicyControl();
    try {
      await person.bind(found.entry.dn, old, control);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.is !== 'answered' || isTurnedAway(error)) throw error;
      const outcome = bindRefusal(failure, control.value);
      if (outcome.is === 'wrong') return { is: 'wrong-password' };
      if (outcome.is !== 'correct-but') return { is: 'failed', cause: 'cause' in outcome ? outcome.cause : outcome.is };
      // Expired without grace: the password is proven, but no session is granted. The server checks it once more.
      return modifyPassword(service, found, password, old);
    }
    if (signedIn(control.value).is !== 'correct') person.retire();
    return modifyPassword(person, found, password, old);
  }

  return {
    password(account: Account, password: Secret, old: Secret | undefined): Promise<WriteOutcome> {
      if (isEmpty(password)) return Promise.resolve({ is: 'refused', rules: ['too-short'], cause: 'empty' });
      return safely(() => (old ? change(account, password, old) : reset(account, password)));
    },
    unlock: (account: Account): Promise<WriteOutcome> =>
      safely(() =>
        sessions.asService(async (connection) => {
          const found = await target(connection, account);
          if ('is' in found) return found;
          const { entry, policy } = found;
          if (policy?.source === '389-ds') return unlock389(connection, entry.dn);
          try {
            // As a delete, not as an empty replace: only then does slapd forget pwdFailureTime together with it, and
            // without that the next wrong password would lock again.
            const modification = new Attribute({ type: 'pwdAccountLockedTime', values: [] });
            await connection.modify(entry.dn, [new Change({ operation: 'delete', modification })]);
            return { is: 'applied' };
          } catch (error) {
            if (isTurnedAway(error)) throw error;
            const wasOpen = answered(error, 16);
            return wasOpen ? { is: 'applied' } : writeRefusal(failureOf(error), undefined, false);
          }
        }, account.key),
      ),
    requireChange: (account: Account): Promise<WriteOutcome> =>
      safely(() =>
        sessions.asService(async (connection) => {
          const found = await target(connection, account);
          if ('is' in found) return found;
          const { entry, policy } = found;
          const unheard = await notAsked(connection, policy);
          if (unheard) return unheard;
          const [type, value] =
            policy?.source === '389-ds' ? ['passwordExpirationTime', '19700101000000Z'] : ['pwdReset', 'TRUE'];
          try {
            const modification = new Attribute({ type, values: [value] });
            await connection.modify(entry.dn, [new Change({ operation: 'replace', modification })]);
            return { is: 'applied' };
          } catch (error) {
            if (isTurnedAway(error)) throw error;
            return writeRefusal(failureOf(error), undefined, false);
          }
        }, account.key),
      ),
  };
}
