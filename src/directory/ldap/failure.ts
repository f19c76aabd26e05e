/**
 * What can go wrong between us and an LDAP server, told apart by one question: can anything have been changed?
 * `refused-connection`: nothing was sent. `answered`: the server said no. `lost`: sent, and no answer came.
 */
import { ResultCodeError } from 'ldapts';

/** The connection could not be made or secured; no request has left. */
export class ConnectError extends Error {
  /** Node or OpenSSL code: `ECONNREFUSED`, `CERT_HAS_EXPIRED` … */
  readonly code: string;
  /** What an operator can do about it. */
  readonly fix: string;
  /** Configuration key that it hangs on. */
  readonly key: string;

  constructor(code: string, cause: string, fix: string, key: string) {
    super(cause);
    this.name = 'ConnectError';
    this.code = code;
    this.fix = fix;
    this.key = key;
  }
}

export type LdapFailure =
  | { is: 'refused-connection'; error: ConnectError; cause: string }
  /** `code` is the LDAP result code, `text` the server's diagnostic message. */
  | { is: 'answered'; code: number; text: string; cause: string }
  | { is: 'lost'; cause: string };

const NAMES: Record<number, string> = {
  1: 'operationsError',
  2: 'protocolError',
  3: 'timeLimitExceeded',
  8: 'strongerAuthRequired',
  10: 'referral',
  12: 'unavailableCriticalExtension',
  13: 'confidentialityRequired',
  16: 'noSuchAttribute',
  17: 'undefinedAttributeType',
  19: 'constraintViolation',
  21: 'invalidAttributeSyntax',
  32: 'noSuchObject',
  34: 'invalidDNSyntax',
  48: 'inappropriateAuthentication',
  49: 'invalidCredentials',
  50: 'insufficientAccessRights',
  51: 'busy',
  52: 'unavailable',
  53: 'unwillingToPerform',
  80: 'other',
};

/** Reads whatever ldapts or we threw. @throws the value itself when it is a bug, not a failure of the surroundings. */
export function failureOf(error: unknown): LdapFailure {
  if (error instanceof ConnectError) return { is: 'refused-connection', error, cause: error.message };
  if (error instanceof ResultCodeError) {
    const text = error.message.replace(/ Code: 0x[0-9a-f]+$/, '').replaceAll('\0', '');
    const name = NAMES[error.code] ?? 'result';
    return { is: 'answered', code: error.code, text, cause: `${name} (${error.code})${text ? `: ${text}` : ''}` };
  }
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) throw error;
  if (error instanceof Error) return { is: 'lost', cause: (error.message.split('\n')[0] ?? '').slice(0, 300) };
  throw error;
}

export const causeOf = (error: unknown): string => failureOf(error).cause;

/** busy (51) or unavailable (52): nothing was done, and later it may well be. RFC 4511 §A.2. */
export const isBusy = (code: number): boolean => code === 51 || code === 52;

/** referral (10), or OpenLDAP's "shadow context": what a read-only copy says to a write, of which it did nothing. */
export const isReadOnly = ({ code, text }: { code: number; text: string }): boolean =>
  code === 10 || (code === 53 && /shadow context|read-only/i.test(text));

/** The server did nothing of what it was asked, and another one may. */
export function isTurnedAway(error: unknown): boolean {
  const failure = failureOf(error);
  return failure.is === 'answered' && (isBusy(failure.code) || isReadOnly(failure));
}

/** What a failure means before anything was sent that could change something. */
export const beforeWrite = (failure: LdapFailure): { is: 'failed' | 'unavailable'; cause: string } => ({
  is: failure.is === 'answered' && !isBusy(failure.code) && !isReadOnly(failure) ? 'failed' : 'unavailable',
  cause: failure.cause,
});

/** The server answered with one of these result codes. */
export const answered = (error: unknown, ...codes: number[]): boolean =>
  error instanceof ResultCodeError && codes.includes(error.code);
