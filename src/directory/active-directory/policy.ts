/** Password rules of a domain or of a fine-grained policy (PSO), as the directory spells them (MS-ADTS §3.1.1.5.2, §3.1.1.1.13). */
import type { Entry } from 'ldapts';
import type { DirectoryPasswordPolicy } from '../directory.ts';
import type { LdapConnection } from '../ldap/connection.ts';
import { big, flag, integer, text } from '../ldap/entry.ts';
import { answered } from '../ldap/failure.ts';
import { fromInterval } from './filetime.ts';

export const UNREADABLE: DirectoryPasswordPolicy = {
  minLength: undefined,
  maxLength: undefined,
  history: undefined,
  complexity: false,
  minAge: undefined,
  maxAge: undefined,
  lockoutThreshold: undefined,
};

const DOMAIN = ['minPwdLength', 'pwdHistoryLength', 'pwdProperties', 'minPwdAge', 'maxPwdAge', 'lockoutThreshold'];
const PSO = [
  'msDS-MinimumPasswordLength',
  'msDS-PasswordHistoryLength',
  'msDS-PasswordComplexityEnabled',
  'msDS-MinimumPasswordAge',
  'msDS-MaximumPasswordAge',
  'msDS-LockoutThreshold',
];

const positive = (value: number | undefined): number | undefined =>
  value !== undefined && value > 0 ? value : undefined;

export const domainPolicy = (entry: Entry): DirectoryPasswordPolicy => ({
  ...UNREADABLE,
  minLength: positive(integer(entry, 'minPwdLength')),
  history: positive(integer(entry, 'pwdHistoryLength')),
  complexity: ((integer(entry, 'pwdProperties') ?? 0) & 1) === 1,
  minAge: fromInterval(big(entry, 'minPwdAge')),
  maxAge: fromInterval(big(entry, 'maxPwdAge')),
  lockoutThreshold: positive(integer(entry, 'lockoutThreshold')),
});

export const psoPolicy = (entry: Entry): DirectoryPasswordPolicy => ({
  ...UNREADABLE,
  minLength: positive(integer(entry, 'msDS-MinimumPasswordLength')),
  history: positive(integer(entry, 'msDS-PasswordHistoryLength')),
  complexity: flag(entry, 'msDS-PasswordComplexityEnabled') ?? false,
  minAge: fromInterval(big(entry, 'msDS-MinimumPasswordAge')),
  maxAge: fromInterval(big(entry, 'msDS-MaximumPasswordAge')),
  lockoutThreshold: positive(integer(entry, 'msDS-LockoutThreshold')),
});

/**
 * The rules for an entry that was read with msDS-ResultantPSO. A policy that applies but can't be read gives no numbers at
 * all: the domain's would be wrong ones.
 */
export async function readPolicy(
  connection: LdapConnection,
  domainDn: string,
  entry: Entry | undefined,
): Promise<DirectoryPasswordPolicy> {
  const pso = entry && text(entry, 'msDS-ResultantPSO');
  try {
    const attributes = pso === undefined ? DOMAIN : PSO;
    const [found] = await connection.search(pso ?? domainDn, { scope: 'base', attributes });
    if (!found) return UNREADABLE;
    return pso === undefined ? domainPolicy(found) : psoPolicy(found);
  } catch (error) {
    if (answered(error, 32, 34, 50)) return UNREADABLE;
    throw error;
  }
}
