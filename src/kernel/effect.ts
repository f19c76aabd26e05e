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

/** A text message to one phone. Sealed while it waits, worded when it leaves. */
export interface SendText {
  kind: 'send-text';
  /** E.164 with `+`. */
  to: string;
  /** Name of a template in notify/texts. */
  template: string;
  language: string;
  values: JsonObject;
  expiresAt: number;
}

/** A call that speaks a code after the key was pressed that the page shows. */
export interface PlaceCall {
  kind: 'place-call';
  /** E.164 with `+`. */
  to: string;
  language: string;
  key: string;
  code: string;
  expiresAt: number;
}

export interface AddAuthenticator {
  kind: 'add-authenticator';
  /** `lookup`: what it must be found by later, in clear (`phone:+49…`, `mail:…`); kept as an HMAC. */
  authenticator: Pick<Authenticator, 'id' | 'accountId' | 'method' | 'label' | 'data'> & {
    lookup?: string;
    settlesAt?: number;
    expiresAt?: number;
  };
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

/** A one-use value that opens something for somebody else (a contact); `token` leaves in a message of the same commit. */
export interface IssueTicket {
  kind: 'issue-ticket';
  id: string;
  ticket: string;
  /** What it opens. */
  purpose: string;
  accountId: string;
  data: JsonObject;
  expiresAt: number;
}

/** Refused as a whole when the ticket was used or answered already. */
export interface UseTicket {
  kind: 'use-ticket';
  id: string;
}

/** Makes earlier ones of that account worthless, used or not: what was asked for last counts. */
export interface VoidTickets {
  kind: 'void-tickets';
  accountId: string;
  purpose: string;
}

export type Message = SendMail | SendText | PlaceCall;

export type Effect =
  | Message
  | AddAuthenticator
  | UpdateAuthenticator
  | RemoveAuthenticator
  | IssueTicket
  | UseTicket
  | VoidTickets;

export const isMessage = (effect: Effect): effect is Message =>
  effect.kind === 'send-mail' || effect.kind === 'send-text' || effect.kind === 'place-call';
