/** What a person is asked. A prompt is data; the portal, the API and the tests render it. */

/** Type a code: from a mail, an app or a saved sheet. */
export interface EnterCode {
  kind: 'enter-code';
  method: string;
  /** Which characters the code has; decides keyboard and grouping. */
  alphabet: 'digits' | 'crockford';
  /** Number of characters, without separators. */
  length: number;
  /** ms since 1970, when the code stops working. */
  expiresAt?: number;
  /** True when a new code can be asked for. */
  resendable: boolean;
}

/** Type an address that will be confirmed. */
export interface EnterAddress {
  kind: 'enter-address';
  method: string;
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

export type Prompt = EnterCode | EnterAddress | ScanSecret | SaveCodes;
