/** The one error table. Vague to the outside, exact in the log; no error ever holds a secret. */

interface ErrorEntry {
  status: number;
  /** What people read: `<text>.title` and `<text>.text` in the catalogues of src/text. */
  text: `error.${number}`;
  /** Who may learn which error it is. `operator`: only the log says so, the page is that of `not-ready`. */
  audience: 'person' | 'operator';
  /** What it means and what an operator can do. */
  hint: string;
}

export const errorTable = {
  'bad-request': {
    status: 400,
    text: 'error.400',
    audience: 'person',
    hint: 'The request was not understood. Only a broken or foreign client sends such requests.',
  },
  'invalid-field': {
    status: 422,
    text: 'error.400',
    audience: 'person',
    hint: 'A form field holds what it may not hold. The page says which one.',
  },
  'body-too-large': {
    status: 413,
    text: 'error.413',
    audience: 'person',
    hint: 'The request body is above the limit (8 KiB for forms). No form of ours comes near it.',
  },
  'unsupported-media': {
    status: 415,
    text: 'error.415',
    audience: 'person',
    hint: 'The Content-Type is not one that the address accepts. A proxy may have changed it.',
  },
  csrf: {
    status: 403,
    text: 'error.403',
    audience: 'person',
    hint: 'The form did not come from our own page, or its cookie is gone. If everybody sees it: check publicUrl and that the proxy keeps Host, Origin and cookies.',
  },
  'not-found': { status: 404, text: 'error.404', audience: 'person', hint: 'There is nothing at this address.' },
  'method-not-allowed': {
    status: 405,
    text: 'error.405',
    audience: 'person',
    hint: 'The address exists, but not for this HTTP method.',
  },
  'flow-expired': {
    status: 410,
    text: 'error.403',
    audience: 'person',
    hint: 'The journey ended or ran out of time (lifetimes.flowIdle, lifetimes.flowAbsolute). The person starts again.',
  },
  'flow-stale': {
    status: 409,
    text: 'error.403',
    audience: 'person',
    hint: 'The step was already taken: a double click, the back button or a second window. Nothing happened twice.',
  },
  'too-many-requests': {
    status: 429,
    text: 'error.429',
    audience: 'person',
    hint: 'A limit was reached (section limits). The audit names which one.',
  },
  unauthorised: {
    status: 401,
    text: 'error.403',
    audience: 'person',
    hint: 'There is no session, or it ended (lifetimes.sessionIdle, lifetimes.sessionAbsolute).',
  },
  'directory-unavailable': {
    status: 503,
    text: 'error.503',
    audience: 'person',
    hint: 'The directory does not answer. `sparekey check` names the cause.',
  },
  'storage-full': {
    status: 503,
    text: 'error.503',
    audience: 'operator',
    hint: 'The disk or quota of the database is full. Free space; nothing half-done was kept.',
  },
  'storage-unavailable': {
    status: 503,
    text: 'error.503',
    audience: 'operator',
    hint: 'The database does not answer. `sparekey check` names the cause.',
  },
  internal: {
    status: 500,
    text: 'error.500',
    audience: 'person',
    hint: 'A fault of Sparekey. The log holds the cause under the reference number that the page shows.',
  },
  'not-ready': {
    status: 503,
    text: 'error.503',
    audience: 'person',
    hint: 'The server is starting, stopping, or lacks something it needs. See /health/ready and the log.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;

export const errorCodes = Object.keys(errorTable) as ErrorCode[];

/** Something that ends a request. `cause` is for the log only. */
export class SparekeyError extends Error {
  readonly code: ErrorCode;
  override readonly name: string = 'SparekeyError';

  /** `sentence`: for operators, where the code alone does not say enough. */
  constructor(code: ErrorCode, cause?: unknown, sentence: string = code) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Whatever was thrown, as an error of the table: unknown ones are `internal`. */
export const asSparekeyError = (thrown: unknown): SparekeyError =>
  thrown instanceof SparekeyError ? thrown : new SparekeyError('internal', thrown);
