/**
 * Account linking: what a person is called in a connected system, made of what the directory knows of them. A template is
 * text with `{username}`, `{mail}`, `{displayName}` or `{name of an attribute}` in it, each with an optional `|lower`,
 * `|upper` or `|local` (the part of an address before the @).
 */
import type { Account } from './account.ts';

const PLACE = /\{([^{}|]+)(?:\|([^{}|]+))?\}/g;
const OWN = ['username', 'mail', 'displayName', 'givenName'];

const filters: Record<string, (value: string) => string> = {
  lower: (value) => value.toLowerCase(),
  upper: (value) => value.toUpperCase(),
  local: (value) => value.slice(0, value.lastIndexOf('@') === -1 ? undefined : value.lastIndexOf('@')),
};

type Known = Pick<Account, 'username' | 'mail' | 'displayName' | 'givenName' | 'attributes'>;

/** Undefined: nothing is known, or more than one thing, so that a guess would be dangerous. */
function known(account: Known, name: string): string | undefined {
  if (name === 'username') return account.username;
  if (name === 'displayName') return account.displayName;
  if (name === 'givenName') return account.givenName;
  if (name === 'mail') return account.mail[0];
  const [, values = []] =
    Object.entries(account.attributes).find(([own]) => own.toLowerCase() === name.toLowerCase()) ?? [];
  return values.length === 1 ? values[0] : undefined;
}

/** Undefined: something that the template asks for is missing, so the person has no account there. */
export function linkOf(template: string, account: Known): string | undefined {
  let whole = true;
  const link = template.replace(PLACE, (_, name: string, filter?: string) => {
    const value = known(account, name.trim())?.trim();
    if (!value) whole = false;
    return (filter ? filters[filter.trim()] : undefined)?.(value ?? '') ?? value ?? '';
  });
  return whole && link !== '' ? link : undefined;
}

/** What the directory must read for it. */
export const attributesOfLink = (template: string): string[] =>
  [...template.matchAll(PLACE)].map(([, name = '']) => name.trim()).filter((name) => !OWN.includes(name));

/** What is wrong with a template, in words. Undefined: nothing. */
export function linkFault(template: string): string | undefined {
  const unknown = [...template.matchAll(PLACE)].map(([, , filter]) => filter?.trim()).find((f) => f && !filters[f]);
  if (unknown) return `"${unknown}" is unknown: use ${Object.keys(filters).join(', ')}.`;
  if (/[{}]/.test(template.replace(PLACE, ''))) return 'A brace has no partner.';
  if (!PLACE.test(template))
    return 'It names nothing of the person, so that everybody would have one and the same account.';
  return undefined;
}
