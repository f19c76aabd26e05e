/**
 * Password writes on OpenLDAP. `unknown` exactly when the request has left and no readable answer came; a must-change flag
 * set by the server (right `manage` and pwdMustChange) is taken away again.
 */
import { Attribute, Change, type Entry, PasswordPolicyControl } from 'ldapts';
import type { Account } from '../../kernel/account.ts';
import type { Secret } from '../../kernel/secret.ts';
import type { WriteOutcome } from '../directory.ts';
import type { LdapConnection } from '../ldap/connection.ts';
import { isEmpty } from '../ldap/empty-password.ts';
import { flag } from '../ldap/entry.ts';
import { answered, beforeWrite, causeOf, failureOf } from '../ldap/failure.ts';
import type { Lookup } from '../ldap/lookup.ts';
import { PASSWORD_MODIFY, passwordModifyValue } from '../ldap/password-modify.ts';
import type { Sessions } from '../ldap/sessions.ts';
import type { OpenldapPreflight } from './preflight.ts';
import { bindRefusal, writeRefusal } from './refusal.ts';
import { STATE_ATTRIBUTES } from './state.ts';

interface Deps {
  sessions: Sessions;
  lookup: Lookup;
  preflight: OpenldapPreflight;
}

const clear = (type: string) => new Change({ operation: 'replace', modification: new Attribute({ type, values: [] }) });

export function createWrites({ sessions, lookup, preflight }: Deps) {
  /** The entry, or why it must not be written. Nothing has been sent that could change anything. */
  async function target(connection: LdapConnection, account: Account): Promise<Entry | WriteOutcome> {
    const entry = await lookup.locate(connection, account, STATE_ATTRIBUTES);
    if (!entry) return { is: 'failed', cause: 'The entry is gone, or lies outside baseDn and userFilter now.' };
    const barred = await preflight.barrier(connection, entry, await preflight.readPolicy(connection, entry));
    return barred ? { is: 'failed', cause: barred.cause } : entry;
  }

  const safely = async (work: () => Promise<WriteOutcome>): Promise<WriteOutcome> => {
    try {
      return await work();
    } catch (error) {
      return beforeWrite(failureOf(error));
    }
  };

  async function modifyPassword(connection: LdapConnection, dn: string, password: Secret, old?: Secret) {
    for (let attempt = 1; ; attempt += 1) {
      const control = new PasswordPolicyControl();
      try {
        await connection.extended(PASSWORD_MODIFY, passwordModifyValue(dn, password, old), control);
        return { is: 'applied' } as const;
      } catch (error) {
        // Two resets of one person at the same time race for pwdHistory; nothing was written by the loser.
        if (answered(error, 16) && attempt === 1) continue;
        return writeRefusal(failureOf(error), control.value?.error, old !== undefined);
      }
    }
  }

  async function removeMustChange(connection: LdapConnection, entry: Entry): Promise<WriteOutcome> {
    try {
      const [now] = await connection.search(entry.dn, { scope: 'base', attributes: ['pwdReset'] });
      if (now && flag(now, 'pwdReset')) await connection.modify(entry.dn, [clear('pwdReset')]);
      return { is: 'applied' };
    } catch (error) {
      return { is: 'applied', warning: `The must-change flag pwdReset could not be removed: ${causeOf(error)}` };
    }
  }

  const reset = (account: Account, password: Secret) =>
    sessions.asService(async (connection) => {
      const entry = await target(connection, account);
      if (!('dn' in entry)) return entry;
      const outcome = await modifyPassword(connection, entry.dn, password);
      return outcome.is === 'applied' ? removeMustChange(connection, entry) : outcome;
    });

  async function change(account: Account, password: Secret, old: Secret): Promise<WriteOutcome> {
    if (isEmpty(old)) return { is: 'wrong-password' };
    const entry = await sessions.asService((connection) => target(connection, account));
    if (!('dn' in entry)) return entry;
    return sessions.unbound(async (connection) => {
      const control = new PasswordPolicyControl();
      try {
        await connection.bind(entry.dn, old, control);
      } catch (error) {
        const outcome = bindRefusal(failureOf(error), control.value);
        if (outcome.is === 'wrong') return { is: 'wrong-password' };
        if (outcome.is !== 'correct-but')
          return { is: 'failed', cause: 'cause' in outcome ? outcome.cause : outcome.is };
        // Expired without grace: the password is proven, but no session is granted. The server checks it once more.
        return sessions.asService((service) => modifyPassword(service, entry.dn, password, old));
      }
      return modifyPassword(connection, entry.dn, password, old);
    });
  }

  return {
    password(account: Account, password: Secret, old: Secret | undefined): Promise<WriteOutcome> {
      if (isEmpty(password)) return Promise.resolve({ is: 'refused', rules: ['too-short'], cause: 'empty' });
      return safely(() => (old ? change(account, password, old) : reset(account, password)));
    },
    unlock: (account: Account): Promise<WriteOutcome> =>
      safely(() =>
        sessions.asService(async (connection) => {
          const entry = await target(connection, account);
          if (!('dn' in entry)) return entry;
          try {
            // As a delete, not as an empty replace: only then does slapd forget pwdFailureTime together with it, and
            // without that the next wrong password would lock again.
            const modification = new Attribute({ type: 'pwdAccountLockedTime', values: [] });
            await connection.modify(entry.dn, [new Change({ operation: 'delete', modification })]);
            return { is: 'applied' };
          } catch (error) {
            const wasOpen = answered(error, 16);
            return wasOpen ? { is: 'applied' } : writeRefusal(failureOf(error), undefined, false);
          }
        }),
      ),
  };
}
