/** Whose things somebody may touch: below a DN, in a group, or with the same value in an attribute; never by an empty one. */
import { describe, expect, test } from 'vitest';
import type { Account } from '../../../src/kernel/account.ts';
import { isBelow } from '../../../src/kernel/dn.ts';
import { roleNamed, staffOf } from '../../../src/staff/roles.ts';
import { inScope } from '../../../src/staff/scope.ts';

const account = (more: Partial<Account>): Account => ({
  id: 'id',
  directory: 'd',
  key: 'k',
  locator: 'uid=amina,ou=7b,ou=North,dc=example,dc=org',
  username: 'amina',
  displayName: 'Amina',
  givenName: undefined,
  mail: [],
  language: undefined,
  groups: [],
  attributes: {},
  ...more,
});
type Limits = Record<'under' | 'groups' | 'same', string[]>;
const limited: Limits = { under: [], groups: [], same: [] };
const helper = (scope: Partial<Limits>, more: Partial<Account> = {}) => ({
  account: account({ username: 'hedda', ...more }),
  scope: { is: 'limited' as const, ...limited, ...scope },
});

describe('isBelow', () => {
  test.each([
    ['uid=a,ou=North,dc=example', 'OU=north, DC=example', true],
    ['uid=a,ou=7b,ou=North,dc=example', 'ou=North,dc=example', true],
    ['ou=North,dc=example', 'ou=North,dc=example', false],
    ['uid=a,ou=FarNorth,dc=example', 'ou=North,dc=example', false],
    ['uid=a\\,ou=North,dc=example', 'ou=North,dc=example', false],
    ['uid=a,dc=example', '', false],
  ])('%s below %s: %s', (dn, base, expected) => {
    expect(isBelow(dn, base)).toBe(expected);
  });
});

describe('a scope', () => {
  test('holds whoever is below one of its DNs', () => {
    expect(inScope(helper({ under: ['ou=North,dc=example,dc=org'] }), account({}))).toBe(true);
    expect(inScope(helper({ under: ['ou=South,dc=example,dc=org'] }), account({}))).toBe(false);
  });
  test('holds members of its groups', () => {
    expect(inScope(helper({ groups: ['class-7b'] }), account({ groups: ['Class-7B'] }))).toBe(true);
    expect(inScope(helper({ groups: ['class-7b'] }), account({ groups: ['class-7c'] }))).toBe(false);
  });
  test('holds whoever shares a value, in any case, and nobody by a missing or empty one', () => {
    const teacher = helper({ same: ['class'] }, { attributes: { class: ['7b', '8a'] } });
    expect(inScope(teacher, account({ attributes: { Class: ['7B'] } }))).toBe(true);
    expect(inScope(teacher, account({ attributes: { class: ['9c'] } }))).toBe(false);
    expect(inScope(teacher, account({ attributes: {} }))).toBe(false);
    const empty = helper({ same: ['class'] }, { attributes: { class: [' '] } });
    expect(inScope(empty, account({ attributes: { class: [''] } }))).toBe(false);
  });
  test('that names nothing holds nobody', () => {
    expect(inScope(helper({}), account({}))).toBe(false);
  });
});

describe('a role', () => {
  const rules = [
    { name: 'IT', groups: ['operators'], role: 'operator' as const, rights: [] },
    { name: 'Desk', groups: ['helpdesk'], rights: ['people.find', 'no.such.right'] },
  ];
  test('is the first whose group the account is in', () => {
    expect(staffOf(rules, account({ groups: ['helpdesk', 'operators'] }))?.role).toBe('IT');
    expect(staffOf(rules, account({ groups: ['staff'] }))).toBeUndefined();
  });
  test('holds the rights that exist, and no others', () => {
    expect([...(staffOf(rules, account({ groups: ['helpdesk'] }))?.rights ?? [])]).toEqual(['people.find']);
  });
  test('given by hand counts where no group gives one', () => {
    expect(staffOf(rules, account({}), 'auditor')?.rights.has('audit.view')).toBe(true);
    expect(staffOf(rules, account({ groups: ['helpdesk'] }), 'operator')?.role).toBe('Desk');
    expect(staffOf(rules, account({}), 'constructor')).toBeUndefined();
    expect(roleNamed(rules, 'Desk')?.name).toBe('Desk');
  });
});
