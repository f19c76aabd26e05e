/** What a person types to say who they are, as limits count it: case, Unicode form and blanks make no difference. */
import type { Keyring } from '../kernel/keyring.ts';

export const identifierKeyOf = (keyring: Keyring, identifier: string): string =>
  keyring.mac('identifier', identifier.normalize('NFKC').toLowerCase().replace(/\s+/gu, ''));
