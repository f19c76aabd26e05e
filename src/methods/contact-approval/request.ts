/** What a contact is asked, as the ticket keeps it (sealed): made by the method, read by src/flow/approval. */

/** Purposes of tickets. */
export const APPROVAL = 'approval';
export const CONSENT = 'approval-consent';

interface Asking {
  /** Who asks. */
  asks: { name: string; username: string };
  contact: { name: string; addresses: string[]; language: string };
  /** ms */
  at: number;
}

/** Is it them, right now? */
export interface ApprovalRequest extends Asking {
  kind: 'approval';
  flow: string;
  challenge: string;
  /** HMAC of the number that the person's page shows. */
  number: string;
  /** Account that has to be signed in to answer. */
  byAccount?: string;
  /** Authenticator that the contact is. */
  authenticator?: string;
  /** Coarse network address. */
  where?: string;
}

/** Do you want to be a contact? */
export interface ConsentRequest extends Asking {
  kind: 'consent';
  directory: string;
  key: string;
  /** Of the person who asks. */
  language: string;
}

export type ContactRequest = ApprovalRequest | ConsentRequest;

/** What became of it. `void`: the number was wrong too often. */
export type ContactAnswer = 'given' | 'agreed' | 'refused' | 'void';

export const numberMac = (
  mac: (purpose: string, ...parts: string[]) => string,
  ticket: string,
  number: string,
): string => mac('approval-number', ticket, number);
