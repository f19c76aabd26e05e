/** What a person is asked. A prompt is data; the portal, the API and the tests render it. */

interface Asked {
  method: string;
  /** ms since 1970, when it can't be answered any more. */
  expiresAt?: number;
  /** True when it can be sent anew. */
  resendable: boolean;
}

/** Type a code: from a mail, a text, a call, an app, a helper or a saved sheet. */
export interface EnterCode extends Asked {
  kind: 'enter-code';
  /** Which characters the code has; decides keyboard and grouping. */
  alphabet: 'digits' | 'crockford';
  /** Number of characters, without separators. */
  length: number;
  /** Digits to press on the phone before a call speaks the code. Shown on the page, never spoken. */
  press?: string;
}

/** Use a passkey. */
export interface UsePasskey extends Asked {
  kind: 'use-passkey';
  /** PublicKeyCredentialRequestOptionsJSON (WebAuthn L3 §5.1.9), as text. */
  options: string;
}

/** Words that are not ours: as they were written, or by language (BCP 47). */
export type Words = string | Readonly<Record<string, string>>;

/** Answer questions. */
export interface AnswerFields extends Asked {
  kind: 'answer-fields';
  fields: {
    /** Name in the answer. */
    name: string;
    /** Key of a text of ours, or `undefined` when `says` holds words of the person or of the organisation. */
    text?: string;
    says?: Words;
  }[];
}

/** Tell somebody this number, who types it where they are; then look again. Looking costs no try. */
export interface WaitForApproval extends Asked {
  kind: 'wait-for-approval';
  /** Number that the person tells the contact. Absent while a contact is only asked to agree. */
  number?: string;
  /** Who was asked, as the person knows them. `undefined` while nobody may learn that. */
  who?: string;
}

/** Go to another site, which sends the person back. */
export interface GoElsewhere extends Asked {
  kind: 'go-elsewhere';
  url: string;
  /** Name of the provider. */
  who: string;
}

/** What a person can be asked at a gate. */
export type GatePrompt = EnterCode | UsePasskey | AnswerFields | WaitForApproval | GoElsewhere;

/** Type an address or a phone number that will be confirmed. */
export interface EnterAddress {
  kind: 'enter-address';
  method: string;
  of: 'mail' | 'phone';
  suggestion?: string;
}

/** Scan or type a TOTP seed, then type the first code. */
export interface ScanSecret {
  kind: 'scan-secret';
  method: string;
  /** otpauth:// URI for the QR code. */
  uri: string;
  /** Base32, for typing. */
  secret: string;
  length: number;
}

/** Keep these codes: shown once. */
export interface SaveCodes {
  kind: 'save-codes';
  method: string;
  codes: string[];
}

/** Make a passkey. */
export interface CreatePasskey {
  kind: 'create-passkey';
  method: string;
  /** PublicKeyCredentialCreationOptionsJSON (WebAuthn L3 §5.1.8), as text. */
  options: string;
  /** ms since 1970, when it can't be answered any more. */
  expiresAt: number;
}

/** Choose questions and answer them. */
export interface ChooseQuestions {
  kind: 'choose-questions';
  method: string;
  /** Ids of the catalogue; their texts are ours or the organisation's. */
  catalogue: { id: string; text?: string; says?: Words }[];
  /** How many must be answered. */
  count: number;
  /** Own questions may be written. */
  own: boolean;
  /** Characters of an answer, at least. */
  least: number;
}

/** Name somebody who may confirm who you are. */
export interface ChooseContact {
  kind: 'choose-contact';
  method: string;
}

/** What a person can be asked while a way is added. */
export type Prompt =
  | GatePrompt
  | EnterAddress
  | ScanSecret
  | SaveCodes
  | CreatePasskey
  | ChooseQuestions
  | ChooseContact;
