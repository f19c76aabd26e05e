/** Would a code reach anybody? A mailbox of the directory often opens with the very password that is forgotten. */
import type { Directory } from '../directory/directory.ts';
import type { Finding } from '../kernel/plugin.ts';

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** `canary`: username of the test account. `locked`: domains to which codes are never sent. */
export async function mailboxFindings(
  directory: Directory,
  canary: string | undefined,
  locked: readonly string[],
): Promise<Finding[]> {
  if (canary === undefined) return [];
  const found = await directory.find(canary);
  if (found.is !== 'found') return [];
  const domains = [...new Set(found.account.mail.map(domainOf))];
  return domains.map((domain): Finding => {
    const what = `codes for people with a mailbox at ${domain}`;
    if (locked.some((one) => one.toLowerCase() === domain)) return { is: 'ok', what: `${what} go elsewhere` };
    return {
      is: 'warning',
      what,
      cause: `Accounts have addresses at ${domain}. If these mailboxes open with the password of the account, a code sent there reaches nobody who is locked out.`,
      fix: `Add ${domain} to methods.email.lockedDomains, unless these mailboxes have passwords of their own.`,
      key: 'email.lockedDomains',
    };
  });
}
