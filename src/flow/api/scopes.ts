/** What a token may do: rights of the console, or lead people through a journey from the organisation's own pages. */
import { RIGHTS, type Right, rights } from '../../staff/rights.ts';

/**
 * Rights that a token can't have: to help callers needs somebody who verified one, to agree needs a second person, and tokens
 * make no tokens.
 */
const NOT_FOR_TOKENS = [
  'people.find',
  'people.assist',
  'people.clear',
  'people.freeze',
  'people.approve',
  'settings.approve',
  'tokens.manage',
] as const satisfies readonly Right[];

export type Scope = Exclude<Right, (typeof NOT_FOR_TOKENS)[number]> | 'recovery';

export const SCOPES: Readonly<Record<Scope, string>> = {
  ...(Object.fromEntries(
    rights
      .filter((right) => !(NOT_FOR_TOKENS as readonly string[]).includes(right))
      .map((right) => [right, RIGHTS[right]]),
  ) as Record<Exclude<Scope, 'recovery'>, string>),
  recovery: 'lead people through recovery and unlock from pages of your own',
};

export const scopes = Object.keys(SCOPES) as Scope[];
export const isScope = (name: string): name is Scope => Object.hasOwn(SCOPES, name);

/** Of `wanted`, what somebody with these rights may hand on. Who may make tokens may let them lead journeys. */
export const mayHandOn = (own: ReadonlySet<Right>, wanted: readonly Scope[]): boolean =>
  wanted.every((scope) => scope === 'recovery' || own.has(scope));
