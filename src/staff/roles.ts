/** Which role an account has: the first one of the list whose group it is in, else the one it was given by hand. */
import type { Account } from '../kernel/account.ts';
import { sameDn } from '../kernel/dn.ts';
import { isRight, type Right, ROLES, type RoleName } from './rights.ts';
import type { Scope, Staff } from './staff.ts';

export interface RoleRule {
  name: string;
  /** DNs or names. Empty: given by hand only. */
  groups: readonly string[];
  /** One of ours … */
  role?: RoleName | undefined;
  /** … or rights of its own choice, in addition. */
  rights: readonly string[];
  /** Absent: everybody. */
  scope?: { under: readonly string[]; groups: readonly string[]; same: readonly string[] } | undefined;
}

const rightsOf = ({ role, rights }: RoleRule): ReadonlySet<Right> =>
  new Set([...(role ? ROLES[role] : []), ...rights.filter(isRight)]);

const scopeOf = ({ scope }: RoleRule): Scope => (scope ? { is: 'limited', ...scope } : { is: 'everybody' });

const builtIn = (name: string): RoleRule | undefined =>
  Object.hasOwn(ROLES, name) ? { name, groups: [], role: name as RoleName, rights: [] } : undefined;

/** By its name: one of the configuration, or one of ours. */
export const roleNamed = (rules: readonly RoleRule[], name: string): RoleRule | undefined =>
  rules.find((rule) => rule.name === name) ?? builtIn(name);

/** `given`: name of the role that the account was given by hand. `undefined`: none, the console is closed to it. */
export function staffOf(rules: readonly RoleRule[], account: Account, given?: string): Staff | undefined {
  const byGroup = rules.find(({ groups }) => account.groups.some((own) => groups.some((group) => sameDn(own, group))));
  const rule = byGroup ?? (given === undefined ? undefined : roleNamed(rules, given));
  return rule && { account, role: rule.name, rights: rightsOf(rule), scope: scopeOf(rule) };
}

/** Groups that roles and scopes name: the directory looks up nested membership of these. */
export const groupsOfRoles = (rules: readonly RoleRule[]): string[] => [
  ...new Set(rules.flatMap(({ groups, scope }) => [...groups, ...(scope?.groups ?? [])])),
];

/** Attributes that scopes compare. */
export const attributesOfRoles = (rules: readonly RoleRule[]): string[] => [
  ...new Set(rules.flatMap(({ scope }) => scope?.same ?? [])),
];
