/**
 * Password writes in Active Directory (MS-ADTS §3.1.1.3.1.5). Reset is one replace of unicodePwd, change one delete and one
 * add; unlock and must-change are writes of their own afterwards, on the same connection and so on the same server.
 */
import { Attribute, Change, type Entry } from 'ldapts';
import type { Account } from '../../kernel/account.ts';
import type { Secret } from '../../kernel/secret.ts';
import type { WriteOutcome } from '../directory.ts';
import type { LdapConnection } from '../ldap/connection.ts';
import { isEmpty } from '../ldap/empty-password.ts';
import { beforeWrite, causeOf, failureOf, isTurnedAway } from '../ldap/failure.ts';
import type { Sessions } from '../ldap/sessions.ts';
import { readPolicy } from './policy.ts';
import type { AdPreflight } from './preflight.ts';
import { writeRefusal } from './refusal.ts';
import type { RootDse } from './root.ts';
import { STATE_ATTRIBUTES, stateOf } from './state.ts';

interface Deps {
  sessions: Sessions;
  preflight: AdPreflight;
  /** What the controller at the other end said of itself. */
  rootOf(connection: LdapConnection): Promise<RootDse>;
}

/** The password in double quotes as UTF-16LE. */
export const unicodePwd = (password: Secret): Buffer => Buffer.from(`"${password.reveal()}"`, 'utf16le');

const change = (operation: 'add' | 'delete' | 'replace', type: string, value: string | Buffer) =>
  new Change({ operation, modification: new Attribute({ type, values: [value] as string[] | Buffer[] }) });

const NEVER_ASKED: WriteOutcome = {
  is: 'failed',
  cause: 'userAccountControl has DONT_EXPIRE_PASSWD (0x10000): pwdLastSet 0 would not be obeyed.',
  hint: 'Take "Password never expires" away from the account.',
};

interface Target {
  root: RootDse;
  entry: Entry;
}

export function createWrites({ sessions, preflight, rootOf }: Deps) {
  /** With the account as it is now. Whatever fails before `work` changed nothing. */
  async function onTarget(
    account: Account,
    guarded: boolean,
    work: (connection: LdapConnection, target: Target) => Promise<WriteOutcome>,
  ): Promise<WriteOutcome> {
    try {
      return await sessions.asService(async (connection) => {
        const root = await rootOf(connection);
        const entry = await preflight.locate(connection, account);
        if (!entry) return { is: 'failed', cause: 'The account is gone, or lies outside baseDn and userFilter now.' };
        const barred = guarded ? await preflight.barrier(connection, root, entry, stateOf(entry)) : undefined;
        return barred ? { is: 'failed', cause: barred.cause } : work(connection, { root, entry });
      }, account.key);
    } catch (error) {
      return beforeWrite(failureOf(error));
    }
  }

  async function write(
    connection: LdapConnection,
    { root, entry }: Target,
    password: Secret,
    old: Secret | undefined,
  ): Promise<WriteOutcome> {
    const policy = await readPolicy(connection, root.domainDn, entry);
    const hints = old ? undefined : root.policyHints();
    const changes = old
      ? [change('delete', 'unicodePwd', unicodePwd(old)), change('add', 'unicodePwd', unicodePwd(password))]
      : [change('replace', 'unicodePwd', unicodePwd(password))];
    try {
      await connection.modify(entry.dn, changes, hints);
      return { is: 'applied' };
    } catch (error) {
      // Nothing was done here; another controller may do it.
      if (isTurnedAway(error)) throw error;
      const aged = old !== undefined || hints !== undefined;
      return writeRefusal(failureOf(error), { password: password.reveal(), policy, aged });
    }
  }

  /** After a reset: still locked, still must-change? Each is taken away by a write of its own. */
  async function tidy(connection: LdapConnection, dn: string): Promise<WriteOutcome> {
    const left: string[] = [];
    const settle = async (attribute: string, value: string) => {
      try {
        await connection.modify(dn, [change('replace', attribute, value)]);
      } catch (error) {
        left.push(`${attribute} could not be set to ${value}: ${causeOf(error)}`);
      }
    };
    try {
      const [entry] = await connection.search(dn, { scope: 'base', attributes: STATE_ATTRIBUTES });
      const state = entry && stateOf(entry);
      if (state?.locked) await settle('lockoutTime', '0');
      if (state?.mustChange) await settle('pwdLastSet', '-1');
    } catch (error) {
      left.push(`The account could not be read after the reset: ${causeOf(error)}`);
    }
    return left.length === 0 ? { is: 'applied' } : { is: 'applied', warning: left.join(' ') };
  }

  /** Both mean something special by 0. */
  const setAttribute = (account: Account, attribute: 'lockoutTime' | 'pwdLastSet') =>
    onTarget(account, true, async (connection, { entry }) => {
      if (attribute === 'pwdLastSet' && stateOf(entry).neverExpires) return NEVER_ASKED;
      try {
        await connection.modify(entry.dn, [change('replace', attribute, '0')]);
        return { is: 'applied' };
      } catch (error) {
        if (isTurnedAway(error)) throw error;
        return writeRefusal(failureOf(error), undefined);
      }
    });

  return {
    async password(account: Account, password: Secret, old: Secret | undefined): Promise<WriteOutcome> {
      if (isEmpty(password)) return { is: 'refused', rules: ['too-short'], cause: 'The password is empty.' };
      if (old && isEmpty(old)) return { is: 'wrong-password' };
      return onTarget(account, true, async (connection, target) => {
        const outcome = await write(connection, target, password, old);
        return outcome.is === 'applied' && !old ? tidy(connection, target.entry.dn) : outcome;
      });
    },
    unlock: (account: Account): Promise<WriteOutcome> => setAttribute(account, 'lockoutTime'),
    /** MS-ADTS: 0 means "must change at the next logon". */
    requireChange: (account: Account): Promise<WriteOutcome> => setAttribute(account, 'pwdLastSet'),
  };
}
