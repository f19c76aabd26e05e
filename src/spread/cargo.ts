/** What lies sealed while it waits: the new password, and who the person is in each system. */
import type { Person } from '../connectors/connector.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { Keyring } from '../kernel/keyring.ts';
import { Secret } from '../kernel/secret.ts';
import type { Spread } from '../storage/repositories/spreads.ts';

/** To tell the person of a failure when the journey is long over. */
export interface Whom {
  displayName: string;
  directory: string;
  key: string;
  language: string;
}

export interface Cargo {
  password: Secret | undefined;
  mustChange: boolean;
  /** By system. */
  people: Readonly<Record<string, Person>>;
  whom: Whom;
}

const context = (id: string): string => `spread:${id}`;

export function sealCargo(keyring: Keyring, id: string, { password, ...rest }: Cargo): string {
  const json = { ...rest, ...(password ? { password: password.reveal() } : {}) } as unknown as JsonObject;
  return keyring.seal(JSON.stringify(json), context(id));
}

/** Undefined: it is gone, because all is done or the deadline has passed. */
export function openCargo(keyring: Keyring, { id, secret }: Pick<Spread, 'id' | 'secret'>): Cargo | undefined {
  if (secret === '') return undefined;
  const { password, ...rest } = JSON.parse(keyring.open(secret, context(id))) as Omit<Cargo, 'password'> & {
    password?: string;
  };
  return { ...rest, password: password === undefined ? undefined : new Secret(password) };
}
