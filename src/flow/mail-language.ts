/** Mails speak the language of the account, whoever asked for them from whatever page; the page's where nobody knows better. */
import type { Account } from '../kernel/account.ts';

export function mailLanguage(
  offered: readonly string[],
  account: Pick<Account, 'language'> | undefined,
  page: string,
): string {
  // `de-AT` is served by `de`.
  const own = account?.language?.toLowerCase().split(/[-_]/)[0] ?? '';
  return offered.includes(own) ? own : page;
}
