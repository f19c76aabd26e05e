/** Whose rule it is: the directory's spelling of groups and attributes must never decide that somebody is not meant. */
import { describe, expect, test } from 'vitest';
import { allRules, attributesOf, matches, type RuleBook, ruleFor, ruleNamed } from '../../../src/policy/rules.ts';
import { rule } from './gates.ts';

const ADMINS = 'cn=Admins,ou=groups,dc=example,dc=org';
const who = (groups: string[], attributes: Record<string, string[]> = {}) => ({ groups, attributes });
const only = (groups: string[], attributes: Record<string, string[]> = {}) => ({ groups, attributes });

describe('a rule is for', () => {
  test.each([
    ADMINS,
    'CN=admins,OU=Groups,DC=example,DC=org',
    'cn = Admins , ou = groups , dc = example , dc = org',
    'cn=Admins;ou=groups;dc=example;dc=org',
    String.raw`cn=\41dmins,ou=groups,dc=example,dc=org`,
  ])('the members of a group, spelt %s', (spelling) => {
    expect(matches(who([spelling]), only([ADMINS]))).toBe(true);
    expect(matches(who([ADMINS]), only([spelling]))).toBe(true);
  });

  test.each([
    'cn=Admins,ou=other,dc=example,dc=org',
    'cn=Admins,ou=groups,dc=example',
    'cn=Admins',
    'Admins',
    String.raw`cn=Admins\,ou=groups,dc=example,dc=org`,
    '',
  ])('nobody in %s', (other) => {
    expect(matches(who([other]), only([ADMINS]))).toBe(false);
  });

  test('groups that have names and no DN', () => {
    expect(matches(who(['Staff, all']), only(['staff, all']))).toBe(true);
    expect(matches(who(['E\u0301le\u0300ves']), only(['Élèves']))).toBe(true);
    expect(matches(who(['staff']), only(['staf']))).toBe(false);
  });

  test('whoever has one of the values of an attribute', () => {
    const contractors = only([], { employeeType: ['contractor', 'Élève'] });
    expect(matches(who([], { employeeType: ['Staff', 'CONTRACTOR'] }), contractors)).toBe(true);
    expect(matches(who([], { employeetype: ['e\u0301le\u0300ve'] }), contractors)).toBe(true);
    expect(matches(who([], { employeeType: ['contractors'] }), contractors)).toBe(false);
    expect(matches(who([], { title: ['contractor'] }), contractors)).toBe(false);
    expect(matches(who([]), contractors)).toBe(false);
  });

  test('whoever meets one of the two, a group or an attribute; without either it is nobody’s', () => {
    const both = only([ADMINS], { employeeType: ['contractor'] });
    expect(matches(who([ADMINS]), both)).toBe(true);
    expect(matches(who([], { employeeType: ['contractor'] }), both)).toBe(true);
    expect(matches(who([ADMINS], { employeeType: ['contractor'] }), only([]))).toBe(false);
  });
});

describe('the rule of a person', () => {
  const book: RuleBook = {
    default: rule(),
    privileged: rule({ name: 'privileged', ways: 2 }),
    privilegedMatch: only([ADMINS], { clearance: ['high'] }),
    groups: [
      { match: only(['pupils']), rule: rule({ name: 'pupils' }) },
      { match: only(['library'], { employeeType: ['contractor'] }), rule: rule({ name: 'guests' }) },
    ],
  };

  test.each([
    ['default', who([])],
    ['default', who(['others'])],
    ['pupils', who(['library', 'pupils'])],
    ['guests', who(['library'])],
    ['guests', who([], { employeeType: ['contractor'] })],
    ['privileged', who(['pupils', 'library', ADMINS])],
    ['privileged', who(['pupils'], { clearance: ['HIGH'] })],
  ])('is %s', (name, account) => {
    expect(ruleFor(book, account).name).toBe(name);
  });

  test('is found again by its name, and is the strictest when the configuration no longer has it', () => {
    for (const one of allRules(book)) expect(ruleNamed(book, one.name)).toBe(one);
    expect(ruleNamed(book, 'gone').name).toBe('privileged');
  });

  test('looks at these attributes, each named once', () => {
    expect(attributesOf(book)).toEqual(['clearance', 'employeeType']);
  });
});
