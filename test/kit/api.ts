/** Calls the API as its own document says, and holds every answer against that document. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { tokensOf } from '../../src/api-areas.ts';
import type { Built } from './build.ts';

interface Operation {
  operationId: string;
  parameters?: { name: string; in: string }[];
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
}

export interface Call {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  token?: string;
  journey?: string;
  key?: string;
  ip?: string;
  headers?: Record<string, string>;
}

export interface Said {
  status: number;
  // What the document describes; tests look into it freely.
  // biome-ignore lint/suspicious/noExplicitAny: its shape is checked against the document
  body: any;
  headers: Record<string, unknown>;
}

export const API = { SPAREKEY_API_ENABLED: 'true' };

export async function apiOf(built: Built) {
  const { body } = await built.server.inject('/api/openapi.json');
  const document = JSON.parse(body) as Document;
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const compiled = new Map<object, ValidateFunction>();
  const called = new Set<string>();
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

  /** Fails where an answer is not what the document promises. */
  function fits(operation: Operation, status: number, type: string, said: unknown): void {
    const promised =
      operation.responses[String(status)] ?? (status >= 400 ? operation.responses['default'] : undefined);
    const schema = promised?.content?.[type.split(';')[0] ?? '']?.schema;
    expect(schema, `${operation.operationId} ${status} ${type} is in the document`).toBeDefined();
    const validate = compiled.get(schema as object) ?? ajv.compile(schema as object);
    compiled.set(schema as object, validate);
    expect(validate(said), `${operation.operationId} ${status}: ${ajv.errorsText(validate.errors)}`).toBe(true);
  }

  return {
    document,
    /** Operations that were called and answered well. */
    called,
    ids: all.map(({ operation }) => operation.operationId),

    async token(...scopes: string[]): Promise<string> {
      const made = await tokensOf(built.config, built.flow).create(
        { name: 'Test', scopes, days: 90 },
        { actor: 'staff:olga' },
      );
      if (made.is !== 'made') throw new Error(made.faults.join());
      return made.token;
    },

    async call(
      id: string,
      { params = {}, query = {}, body: sent, token, journey, key, ip, headers }: Call = {},
    ): Promise<Said> {
      const found = all.find(({ operation }) => operation.operationId === id);
      if (!found) throw new Error(`The document has no operation ${id}.`);
      const path = found.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
      const search = new URLSearchParams(query).toString();
      const response = await built.server.inject({
        method: found.method.toUpperCase() as 'GET',
        url: `${path}${search ? `?${search}` : ''}`,
        remoteAddress: ip ?? '198.51.100.7',
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(journey === undefined ? {} : { journey }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(sent === undefined ? {} : { payload: typeof sent === 'string' ? sent : JSON.stringify(sent) }),
      });
      const said: unknown = JSON.parse(response.body);
      fits(found.operation, response.statusCode, String(response.headers['content-type']), said);
      if (response.statusCode < 300) called.add(id);
      return { status: response.statusCode, body: said, headers: response.headers };
    },
  };
}

export type Api = Awaited<ReturnType<typeof apiOf>>;
