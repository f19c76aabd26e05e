/** What a journey or a method wants written or sent. It is data: the service commits all of it in one transaction. */
import type { Authenticator } from './account.ts';
import type { JsonObject } from './json.ts';

/** A mail to one address. Sealed while it waits, rendered when it leaves. */
export interface SendMail {
  kind: 'send-mail';
  to: string;
  /** Name of a template in notify/templates. */
  template: string;
  language: string;
  values: JsonObject;
  /** Not sent any more after this instant (ms): a late code is a useless code. */
  expiresAt: number;
}

export interface AddAuthenticator {
  kind: 'add-authenticator';
  authenticator: Pick<Authenticator, 'id' | 'accountId' | 'method' | 'label' | 'data'>;
}

/** Refused as a whole when the row's version is no longer `version`: somebody else used it first. */
export interface UpdateAuthenticator {
  kind: 'update-authenticator';
  id: string;
  version: number;
  change: { label?: string; data?: JsonObject; lastUsedAt?: number; disabledAt?: number };
}

export interface RemoveAuthenticator {
  kind: 'remove-authenticator';
  id: string;
}

export type Effect = SendMail | AddAuthenticator | UpdateAuthenticator | RemoveAuthenticator;
