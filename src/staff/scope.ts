/** Whether somebody at work in the console may see and help a person. Nobody is ever inside by an empty value. */
import type { Account } from '../kernel/account.ts';
import { isBelow, sameDn } from '../kernel/dn.ts';
import type { Staff } from './staff.ts';

const fold = (text: string): string => text.normalize('NFC').trim().toLowerCase();

const valuesOf = ({ attributes }: Account, name: string): string[] =>
  (Object.entries(attributes).find(([own]) => fold(own) === fold(name))?.[1] ?? []).map(fold).filter(Boolean);

const shares = (a: Account, b: Account, name: string): boolean => {
  const theirs = valuesOf(b, name);
  return valuesOf(a, name).some((value) => theirs.includes(value));
};

export function inScope({ account: own, scope }: Pick<Staff, 'account' | 'scope'>, account: Account): boolean {
  if (scope.is === 'everybody') return true;
  return (
    scope.under.some((base) => isBelow(account.locator, base)) ||
    account.groups.some((group) => scope.groups.some((wanted) => sameDn(group, wanted))) ||
    scope.same.some((name) => shares(own, account, name))
  );
}
