/** What a request is signed in with. */
import type { Deadline } from './deadline.ts';
import type { Trouble } from './trouble.ts';

export type Authorized =
  | { is: 'header'; value: string }
  /** The request is signed in another way. */
  | { is: 'none' }
  | { is: 'trouble'; trouble: Trouble };

export interface Credentials {
  /** Key to look at when the system does not accept them. */
  key: string;
  /** Value of the Authorization header. */
  header(deadline: Deadline): Promise<Authorized>;
  /** The system did not accept this one. True: there may be a fresher one. */
  drop(value: string): boolean;
}

/** @throws Error that names the key when no header can hold it. */
export function fixedCredentials(key: string, scheme: string, secret: string): Credentials {
  if (!/^[\x21-\x7e]+$/.test(secret)) throw new Error(`${key}: holds characters that no header can hold.`);
  const value = `${scheme} ${secret}`;
  return { key, header: async () => ({ is: 'header', value }), drop: () => false };
}
