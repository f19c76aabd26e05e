/** What the OpenAPI 3.1 document says of an operation: made of the same schemas that are checked. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { FastifySchema } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { SCOPES } from '../flow/api/scopes.ts';
import type { Operation } from './operation.ts';
import { ProblemBody } from './problem.ts';

const bearerNote = Object.entries(SCOPES)
  .map(([scope, says]) => `\`${scope}\` (${says})`)
  .join(', ');

export const documentOptions = ({ url, version }: { url: string; version: string }): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Sparekey',
      version,
      description:
        'Self-service password reset: operation, reports, and the recovery itself for pages of your own. Problems are told as RFC 9457; lists go on with `after`, the `next` of the answer before.',
    },
    servers: [{ url: url.replace(/\/$/, '') }],
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: `Made in the console or with \`sparekey tokens create\`. Scopes: ${bearerNote}.`,
        },
      },
    },
  },
});

const JOURNEY = Type.String({
  maxLength: 200,
  description:
    'The handle that the last answer of the journey gave. A bearer value: keep it where the person’s session is, never in an address.',
});
const KEY = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'The same key with the same request gets the same answer for a day, and nothing is done twice.',
});

/** Without what only our own types need. */
const plain = (schema: TSchema): Record<string, unknown> =>
  JSON.parse(JSON.stringify(schema)) as Record<string, unknown>;

export function schemaOf(one: Operation): FastifySchema {
  const answers = Object.entries(one.answers).map(([status, { says, schema }]) => [
    status,
    { description: says, content: { 'application/json': { schema: plain(schema) } } },
  ]);
  const headers = Type.Object({
    ...(one.journey ? { Journey: JOURNEY } : {}),
    ...(one.method === 'GET' ? {} : { 'Idempotency-Key': Type.Optional(KEY) }),
  });
  return {
    operationId: one.id,
    tags: [one.tag],
    summary: one.summary,
    description: `Scope: \`${one.scope}\`.`,
    security: [{ token: [] }],
    ...(one.params ? { params: plain(one.params) } : {}),
    ...(one.query ? { querystring: plain(one.query) } : {}),
    ...(one.body ? { body: plain(one.body) } : {}),
    ...(Object.keys(headers.properties).length > 0 ? { headers: plain(headers) } : {}),
    response: {
      ...Object.fromEntries(answers),
      default: {
        description: 'A problem (RFC 9457).',
        content: { 'application/problem+json': { schema: plain(ProblemBody) } },
      },
    },
  };
}
