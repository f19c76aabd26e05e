/** Errors of the API as RFC 9457 wants them: `application/problem+json`, a type that stays, a sentence, never a secret. */
import { type Static, Type } from 'typebox';

export const ProblemBody = Type.Object(
  {
    type: Type.String({ description: 'Names the kind of problem; stays the same.' }),
    title: Type.String({ description: 'The kind in words.' }),
    status: Type.Integer(),
    detail: Type.Optional(Type.String({ description: 'What to do about this one.' })),
    instance: Type.Optional(Type.String({ description: 'Reference that the log of the server knows.' })),
    errors: Type.Optional(
      Type.Array(Type.Object({ at: Type.String({ description: 'JSON Pointer.' }), says: Type.String() }), {
        description: 'Everything that is wrong with the request.',
      }),
    ),
  },
  { $id: 'Problem', description: 'RFC 9457.' },
);
export type ProblemBody = Static<typeof ProblemBody>;

const KINDS = {
  'bad-request': [400, 'The request was not understood'],
  unauthorized: [401, 'A valid token is missing'],
  forbidden: [403, 'The token is not for this'],
  'not-found': [404, 'There is nothing here'],
  'method-not-allowed': [405, 'Not with this method'],
  conflict: [409, 'The same request is still at work'],
  stale: [409, 'Things have moved on'],
  'journey-over': [410, 'The journey is over, or there is none'],
  'too-large': [413, 'The request is too large'],
  'unsupported-media': [415, 'Not in this format'],
  'key-reused': [422, 'The Idempotency-Key came with another request before'],
  unfit: [422, 'The request holds what it may not hold'],
  'too-many': [429, 'Too many requests'],
  internal: [500, 'Something went wrong here'],
  unavailable: [503, 'Something that is needed does not answer'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemKind = keyof typeof KINDS;
export const problemKinds = Object.keys(KINDS) as ProblemKind[];
export const statusOf = (kind: ProblemKind): number => KINDS[kind][0];

/** Thrown by whatever answers; becomes a body. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly errors: ProblemBody['errors'];
  /** s */
  readonly retryAfter: number | undefined;
  constructor(
    kind: ProblemKind,
    detail?: string,
    { errors, retryAfter }: { errors?: ProblemBody['errors']; retryAfter?: number } = {},
  ) {
    super(detail ?? KINDS[kind][1]);
    this.kind = kind;
    this.errors = errors;
    this.retryAfter = retryAfter;
  }
}

export function problemBody(problem: Problem, reference: string): ProblemBody {
  const [status, title] = KINDS[problem.kind];
  return {
    type: `urn:sparekey:problem:${problem.kind}`,
    title,
    status,
    ...(problem.message === title ? {} : { detail: problem.message }),
    instance: `urn:sparekey:request:${reference}`,
    ...(problem.errors ? { errors: problem.errors } : {}),
  };
}
