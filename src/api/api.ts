/**
 * `/api/v1`: every operation behind a token with the right scope, JSON in and out, problems as RFC 9457, the same answer for the same
 * Idempotency-Key. Pages never come from here, and no cookie counts here.
 */
import swagger from '@fastify/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createOnce } from '../flow/api/once.ts';
import type { Tokens } from '../flow/api/tokens.ts';
import type { FlowDeps } from '../flow/deps.ts';
import { asSparekeyError } from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';
import { checked } from './check.ts';
import { documentOptions, schemaOf } from './document.ts';
import type { Answer, Caller, Operation } from './operation.ts';
import { Problem, type ProblemKind, problemBody, statusOf } from './problem.ts';

export const BASE = '/api/v1';
const LONGEST_KEY = 200;

const BY_STATUS: Record<number, ProblemKind> = { 413: 'too-large', 415: 'unsupported-media', 403: 'forbidden' };

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { statusCode } = error as { statusCode?: number };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new Problem(BY_STATUS[statusCode] ?? 'bad-request');
  return new Problem(asSparekeyError(error).code === 'not-ready' ? 'unavailable' : 'internal');
}

export interface ApiDeps {
  flow: Pick<FlowDeps, 'storage' | 'keyring' | 'clock' | 'log'>;
  tokens: Tokens;
  operations: readonly Operation[];
  document: { url: string; version: string };
}

/** @returns the OpenAPI document, once the server is ready. */
export async function registerApi(
  server: FastifyInstance,
  { flow, tokens, operations, document }: ApiDeps,
): Promise<() => object> {
  const { clock, log } = flow;
  const doneOnce = createOnce(flow);

  async function callerOf(request: FastifyRequest, { scope }: Operation): Promise<Caller> {
    const bearer = /^Bearer +([\w-]{1,200})$/i.exec(String(request.headers.authorization ?? ''))?.[1];
    const used = bearer === undefined ? { is: 'unknown' as const } : await tokens.use(bearer);
    if (used.is === 'unknown') throw new Problem('unauthorized', 'Send a token as "Authorization: Bearer spk_…".');
    if (used.is === 'wait')
      throw new Problem('too-many', undefined, { retryAfter: Math.ceil((used.until - clock.now()) / 1_000) });
    const { token } = used;
    if (!used.scopes.has(scope)) {
      await tokens.refused(token.id, scope, request.ip);
      throw new Problem('forbidden', `The token needs the scope ${scope}.`);
    }
    const actor = `token:${token.id}`;
    const account = { id: actor, directory: '', key: '', locator: '', username: actor, displayName: token.name };
    return {
      token,
      ip: request.ip,
      actor,
      staff: {
        account: { ...account, givenName: undefined, mail: [], language: undefined, groups: [], attributes: {} },
        role: 'token',
        rights: new Set([...used.scopes].filter((one) => one !== 'recovery')),
        scope: { is: 'everybody' },
      },
    };
  }

  async function once(request: FastifyRequest, caller: Caller, work: () => Promise<Answer>): Promise<Answer> {
    const key = request.headers['idempotency-key'];
    if (key === undefined || request.method === 'GET') return work();
    if (typeof key !== 'string' || key.length === 0 || key.length > LONGEST_KEY)
      throw new Problem('bad-request', `Idempotency-Key must be 1 to ${LONGEST_KEY} characters.`);
    const said = [request.method, request.url, request.headers['journey'] ?? '', request.body ?? null];
    const done = await doneOnce({ token: caller.token.id, key, request: said }, work);
    if (done.is === 'answer') return done.answer;
    if (done.is === 'other') throw new Problem('key-reused', 'Use a new key for a new request.');
    throw new Problem('conflict', undefined, { retryAfter: 1 });
  }

  const send = (request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply => {
    if (problem.kind === 'unauthorized') reply.header('www-authenticate', 'Bearer');
    if (problem.retryAfter !== undefined) reply.header('retry-after', problem.retryAfter);
    return reply
      .code(statusOf(problem.kind))
      .type('application/problem+json; charset=utf-8')
      .send(JSON.stringify(problemBody(problem, String(request.id))));
  };

  let written: () => object = () => ({});
  await server.register(
    async (api) => {
      await api.register(swagger, documentOptions(document));
      written = () => api.swagger();
      // The schemas are for the document: what comes in is checked with every fault named, and nothing is bent to fit.
      api.setValidatorCompiler(() => () => true);
      api.setSerializerCompiler(() => (body) => JSON.stringify(body));
      api.removeAllContentTypeParsers();
      api.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
        try {
          done(null, body === '' ? {} : JSON.parse(String(body)));
        } catch {
          done(new Problem('bad-request', 'The body is no JSON.'));
        }
      });
      api.addHook('onSend', async (_request, reply) => {
        reply.header('cache-control', 'no-store');
      });
      api.setErrorHandler((error, request, reply) => {
        const problem = problemOf(error);
        const detail = { err: error, kind: problem.kind };
        if (statusOf(problem.kind) >= 500) log.error(detail, 'A request to the API failed.');
        return send(request, reply, problem);
      });
      api.setNotFoundHandler((request, reply) => {
        const path = (request.url.split('?')[0] ?? '').slice(BASE.length).split('/');
        const allowed = operations.filter((one) => {
          const wanted = one.path.split('/');
          return wanted.length === path.length && wanted.every((part, n) => part.startsWith('{') || part === path[n]);
        });
        if (allowed.length > 0) reply.header('allow', [...new Set(allowed.map(({ method }) => method))].join(', '));
        return send(request, reply, new Problem(allowed.length > 0 ? 'method-not-allowed' : 'not-found'));
      });
      for (const one of operations)
        api.route({
          method: one.method,
          url: one.path.replaceAll(/\{(\w+)\}/g, ':$1'),
          // The token proves who sends it; no browser sends it by itself.
          config: { signed: true },
          schema: schemaOf(one),
          ...(one.bodyLimit === undefined ? {} : { bodyLimit: one.bodyLimit }),
          async handler(request, reply) {
            const caller = await callerOf(request, one);
            const params = one.params ? checked(one.params, request.params, 'params') : {};
            const query = one.query ? checked(one.query, request.query, 'query') : {};
            const body = one.body ? checked(one.body, request.body ?? {}, 'body') : {};
            const { journey = '' } = request.headers as { journey?: string };
            const ask = { params, query, body, caller, journey } as Parameters<Operation['run']>[0];
            const { status, body: said } = await once(request, caller, () => one.run(ask));
            return reply
              .code(status)
              .type('application/json; charset=utf-8')
              .send(JSON.stringify(said as Json));
          },
        });
    },
    { prefix: BASE },
  );
  return () => written();
}
