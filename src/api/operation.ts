/** One operation of the API: where it is, who may, what comes in and out. The schemas are the document, the check and the types. */
import type { Static, TObject, TSchema } from 'typebox';
import type { Answer } from '../flow/api/once.ts';
import type { Scope } from '../flow/api/scopes.ts';
import type { ApiToken } from '../flow/api/tokens.ts';
import type { Json } from '../kernel/json.ts';
import type { Staff } from '../staff/staff.ts';

export interface Caller {
  token: ApiToken;
  /** For services that ask who acts. */
  staff: Staff;
  ip: string;
  /** For the audit. */
  actor: string;
}

export interface ApiAsk<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  caller: Caller;
  /** Of the header `Journey`. */
  journey: string;
}

export type { Answer } from '../flow/api/once.ts';

export interface OperationShape<Params extends TObject, Query extends TObject, Body extends TObject> {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below `/api/v1`, parameters as `{id}`. */
  path: string;
  /** operationId of the document. */
  id: string;
  tag: string;
  summary: string;
  scope: Scope;
  params?: Params;
  query?: Query;
  body?: Body;
  /** Needs the header `Journey`. */
  journey?: boolean;
  /** Bytes. */
  bodyLimit?: number;
  /** By status. */
  answers: Readonly<Record<number, { says: string; schema: TSchema }>>;
  run(ask: ApiAsk<Static<Params>, Static<Query>, Static<Body>>): Promise<Answer>;
}

/** With its types forgotten: every operation of a list. */
export type Operation = OperationShape<TObject, TObject, TObject>;

export const operation = <
  Params extends TObject = TObject<Record<never, never>>,
  Query extends TObject = TObject<Record<never, never>>,
  Body extends TObject = TObject<Record<never, never>>,
>(
  shape: OperationShape<Params, Query, Body>,
): Operation => shape as unknown as Operation;

export const ok = (body: unknown, status = 200): Answer => ({ status, body: JSON.parse(JSON.stringify(body)) as Json });
