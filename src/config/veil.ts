/** Lets a section with secrets be used as usual, but never be logged or serialised with them. */
import { inspect } from 'node:util';

export const MASK = '********';

/** `JSON.stringify` and `console.log` of the section show a mask in place of the named values. */
export function veil<T extends object>(section: T, secrets: readonly string[]): T {
  const masked = () =>
    Object.fromEntries(Object.entries(section).map(([name, value]) => [name, secrets.includes(name) ? MASK : value]));
  Object.defineProperty(section, 'toJSON', { value: masked });
  Object.defineProperty(section, inspect.custom, { value: masked });
  return section;
}
