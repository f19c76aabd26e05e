/** The password rules of a domain and of a fine-grained policy (PSO), as the directory spells them (MS-ADTS §3.1.1.5.2, §6.1.1.4.11). */
import type { Entry } from 'ldapts';
import type { DirectoryPasswordPolicy } from '../directory.ts';
import type { LdapConnection } from '../ldap/connection.ts';
import { big, flag, integer, text } from '../ldap/entry.ts';
import { answered } from '../ldap/failure.ts';
import { fromInterval } from './filetime.ts';
import { resultantPso } from './pso.ts';

export const UNREADABLE: DirectoryPasswordPolicy = {
  minLength: undefined,
  maxLength: undefined,
  history: undefined,
  complexity: false,
  minAge: undefined,
  maxAge: undefined,
  lockoutThreshold: undefined,
};

const DOMAIN = [
  'minPwdLength',
  'pwdHistoryLength',
  'pwdProperties',
  'minPwdAge',
  'maxPwdAge',
  'lockoutThreshold',
  'lockoutDuration',
];
const PSO = [
  'msDS-MinimumPasswordLength',
  'msDS-PasswordHistoryLength',
  'msDS-PasswordComplexityEnabled',
  'msDS-MinimumPasswordAge',
  'msDS-MaximumPasswordAge',
  'msDS-LockoutThreshold',
  'msDS-LockoutDuration',
];

/** DOMAIN_PASSWORD_COMPLEX */
const COMPLEX = 1;

const positive = (value: number | undefined): number | undefined =>
  value !== undefined && value > 0 ? value : undefined;

/** The largest interval means that only an administrator opens the lock. */
const lockout = (threshold: number | undefined, duration: bigint | undefined) =>
  positive(threshold) === undefined
    ? { lockoutThreshold: undefined }
    : { lockoutThreshold: threshold, lockoutDuration: fromInterval(duration) ?? 0 };

export const domainPolicy = (entry: Entry): DirectoryPasswordPolicy => ({
  ...UNREADABLE,
  source: 'domain',
  name: entry.dn,
  lengthIn: 'utf16',
  minLength: positive(integer(entry, 'minPwdLength')),
  history: positive(integer(entry, 'pwdHistoryLength')),
  complexity: ((integer(entry, 'pwdProperties') ?? 0) & COMPLEX) === COMPLEX,
  minAge: fromInterval(big(entry, 'minPwdAge')),
  maxAge: fromInterval(big(entry, 'maxPwdAge')),
  ...lockout(integer(entry, 'lockoutThreshold'), big(entry, 'lockoutDuration')),
});

export const psoPolicy = (entry: Entry): DirectoryPasswordPolicy => ({
  ...UNREADABLE,
  source: 'fine-grained',
  name: entry.dn,
  lengthIn: 'utf16',
  minLength: positive(integer(entry, 'msDS-MinimumPasswordLength')),
  history: positive(integer(entry, 'msDS-PasswordHistoryLength')),
  complexity: flag(entry, 'msDS-PasswordComplexityEnabled') ?? false,
  minAge: fromInterval(big(entry, 'msDS-MinimumPasswordAge')),
  maxAge: fromInterval(big(entry, 'msDS-MaximumPasswordAge')),
  ...lockout(integer(entry, 'msDS-LockoutThreshold'), big(entry, 'msDS-LockoutDuration')),
});

/** A policy that applies but can't be read: the domain's numbers would be wrong ones, so there are none. */
export const hiddenPso = (dn: string): DirectoryPasswordPolicy => ({
  ...UNREADABLE,
  source: 'fine-grained',
  name: dn,
  furtherChecks: true,
});

async function readEntry(connection: LdapConnection, dn: string, attributes: string[]): Promise<Entry | undefined> {
  try {
    return (await connection.search(dn, { scope: 'base', attributes }))[0];
  } catch (error) {
    if (answered(error, 32, 34, 50)) return undefined;
    throw error;
  }
}

const namesOf = (entry: Entry): Pick<DirectoryPasswordPolicy, 'names'> => {
  const accountName = text(entry, 'sAMAccountName');
  return accountName === undefined ? {} : { names: { accountName, displayName: text(entry, 'displayName') } };
};

/** The rules for an entry that was read with STATE_ATTRIBUTES; for nobody in particular, those of the domain. */
export async function readPolicy(
  connection: LdapConnection,
  domainDn: string,
  entry: Entry | undefined,
): Promise<DirectoryPasswordPolicy> {
  const names = entry ? namesOf(entry) : {};
  const pso = entry && (await resultantPso(connection, domainDn, entry));
  if (pso === undefined) {
    const domain = await readEntry(connection, domainDn, DOMAIN);
    return domain ? { ...domainPolicy(domain), ...names } : UNREADABLE;
  }
  const found = await readEntry(connection, pso, PSO);
  // Samba answers with an entry without attributes where it hides them.
  const readable = found && integer(found, 'msDS-MinimumPasswordLength') !== undefined;
  return readable ? { ...psoPolicy(found), ...names } : hiddenPso(pso);
}
