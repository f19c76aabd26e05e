/**
 * The server's shell: limits, headers, cookies, CSRF and errors, the same for every room behind it. Pages, console and API
 * register their routes on it; whatever they throw ends as one calm page with a reference that the log knows. What passes by
 * itself (503) is looked at again by the browser, script or not, with a GET that repeats nothing.
 */
import { setTimeout as wait } from 'node:timers/promises';
import cookie from '@fastify/cookie';
import csrf from '@fastify/csrf-protection';
import formbody from '@fastify/formbody';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { asSparekeyError, type ErrorCode, errorTable, SparekeyError } from '../kernel/errors.ts';
import { newId } from '../kernel/random.ts';
import { cookieNames } from './cookies.ts';
import { parseForm } from './form.ts';
import { securityHeaders } from './headers.ts';

export interface ServerSettings {
  publicUrl: URL;
  trustedProxies: readonly string[];
  logger: FastifyBaseLogger;
  /** Renders the error page for this request. */
  errorPage(
    request: FastifyRequest,
    reply: FastifyReply,
    error: { code: ErrorCode; status: number; reference: string; again: string },
  ): string;
  /** False while something that is needed does not answer. */
  ready(): Promise<boolean>;
}

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * From now on not ready, but still serving. Resolves when whoever asks for readiness had the time to send people to
     * other nodes; at once when nobody asks.
     */
    leave(): Promise<void>;
  }
  interface FastifyReply {
    /** Lets the browser look again by itself in a moment, with a GET. @returns the address. */
    lookAgain(): string;
  }
  interface FastifyContextConfig {
    /** No browser sends this form: its sender proves itself by other means (a signature, a client secret), not by our token. */
    signed?: boolean;
  }
}

/** A load balancer asks again and again, at intervals (ms) between these; whoever waits for a start asks without a pause. */
const ASKED_OFTEN = { least: 200, most: 15_000 };
/** What a load balancer needs to notice (ms): two checks, one a second, and what is on its way. */
const LEAVING = 4_000;
/** How long a browser waits before it looks again (s). */
const AGAIN = 3;

const FORM_BYTES = 8 * 1024;
/** Stands in for addresses whose percent-encoding is broken, so that they get a page like everything else. */
const UNREADABLE = '/unreadable';

const BY_FASTIFY: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media',
  FST_CSRF_MISSING_SECRET: 'csrf',
  FST_CSRF_INVALID_TOKEN: 'csrf',
};

function translate(error: unknown): SparekeyError {
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  const known = code && BY_FASTIFY[code];
  if (known) return new SparekeyError(known, error);
  if (!(error instanceof SparekeyError) && statusCode && statusCode >= 400 && statusCode < 500)
    return new SparekeyError('bad-request', error);
  return asSparekeyError(error);
}

export async function createServer(settings: ServerSettings): Promise<FastifyInstance> {
  const { publicUrl, logger } = settings;
  const secure = publicUrl.protocol === 'https:';
  const names = cookieNames(secure);
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: newId,
    bodyLimit: FORM_BYTES,
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    requestTimeout: 15_000,
    connectionTimeout: 30_000,
    // Longer than any address may be: what a route can't use it refuses itself, with a page.
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 20_000 },
    rewriteUrl: ({ url = '/' }) => (isReadable(pathOf(url)) ? url : UNREADABLE),
    // Until the last connection is closed, everything that a request needs is there.
    return503OnClosing: false,
  });
  const routes: { methods: readonly string[]; pattern: string }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    routes.push({ methods: [method].flat(), pattern: url });
  });
  // Forms only.
  app.removeAllContentTypeParsers();
  await app.register(cookie);
  await app.register(formbody, { bodyLimit: FORM_BYTES, parser: parseForm });
  const secured = securityHeaders(publicUrl);
  app.decorateReply('cspNonce', '');
  app.addHook('onRequest', (_request, reply, next) => {
    secured(reply);
    next();
  });
  await app.register(csrf, {
    sessionPlugin: '@fastify/cookie',
    cookieKey: names.csrf,
    cookieOpts: { path: '/', httpOnly: true, secure, sameSite: 'strict' },
    getToken: (request) => {
      const token = (request.body as Record<string, unknown> | undefined)?.['_csrf'];
      return typeof token === 'string' ? token : undefined;
    },
  });

  app.addHook('onRequest', async (request) => {
    if (request.method === 'POST') refuseForeignOrigin(request, publicUrl);
  });
  // Only where a body is: GET never changes anything.
  app.addHook('preHandler', async (request, reply) => {
    if (request.method !== 'POST' || request.is404 || request.routeOptions.config.signed) return;
    await new Promise<void>((resolve, reject) => {
      app.csrfProtection.call(app, request, reply, (error?: unknown) => (error ? reject(error) : resolve()));
    });
  });
  app.addHook('onResponse', async (request, reply) => {
    // The path only: queries and fragments may hold what a person typed.
    request.log.info(
      {
        method: request.method,
        path: pathOf(request.url),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        ip: request.ip,
      },
      'request',
    );
  });

  let leaving = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  let balancedAt = Number.NEGATIVE_INFINITY;
  app.decorate('leave', async () => {
    leaving = true;
    if (performance.now() - balancedAt < ASKED_OFTEN.most) await wait(LEAVING);
  });
  app.addHook('onSend', async (_request, reply) => {
    if (leaving) reply.header('connection', 'close');
  });

  const opens = (path: string): boolean =>
    routes.some(({ methods, pattern }) => methods.includes('GET') && matches(pattern, path));
  app.decorateReply('lookAgain', function lookAgain() {
    const { method, url } = this.request;
    // A form is never sent again by itself: the page that it stood on says where things are.
    const home = `/${pathOf(url).split('/')[1] ?? ''}`;
    // One slash: `//elsewhere` would lead to another host.
    const again = method === 'GET' ? `/${url.replace(/^[/\\]+/, '')}` : opens(home) ? home : '/';
    this.header('retry-after', AGAIN).header('refresh', `${AGAIN};url=${again}`);
    return again;
  });

  const fail = (request: FastifyRequest, reply: FastifyReply, error: SparekeyError) => {
    const { status } = errorTable[error.code];
    const detail = { code: error.code, err: error.cause ?? error, path: pathOf(request.url) };
    if (status >= 500) request.log.error(detail, 'The request failed.');
    else request.log.info(detail, 'The request was refused.');
    const again = status === 503 ? reply.lookAgain() : '/';
    const told = { code: error.code, status, reference: String(request.id), again };
    return reply
      .code(status)
      .type('text/html; charset=utf-8')
      .send(settings.errorPage(request, reply, told));
  };
  app.setErrorHandler((error, request, reply) => fail(request, reply, translate(error)));
  app.setNotFoundHandler((request, reply) => {
    if (request.url === UNREADABLE) return fail(request, reply, new SparekeyError('bad-request'));
    const allowed = routes
      .filter(({ pattern }) => matches(pattern, pathOf(request.url)))
      .flatMap(({ methods }) => methods);
    if (allowed.length === 0) return fail(request, reply, new SparekeyError('not-found'));
    reply.header('allow', [...new Set(allowed)].join(', '));
    return fail(request, reply, new SparekeyError('method-not-allowed'));
  });

  app.get('/health/live', async () => ({ status: 'ok' }));
  app.get('/health/ready', async (_request, reply) => {
    const now = performance.now();
    const pause = now - askedAt;
    askedAt = now;
    if (pause > ASKED_OFTEN.least && pause < ASKED_OFTEN.most) balancedAt = now;
    const ready = !leaving && (await settings.ready());
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'not ready' });
  });
  return app;
}

const pathOf = (url: string): string => url.split('?')[0] ?? '/';

function isReadable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function matches(pattern: string, path: string): boolean {
  const given = path.split('/');
  const wanted = pattern.split('/');
  return wanted.length === given.length && wanted.every((part, n) => part.startsWith(':') || part === given[n]);
}

/** Second line behind the token: browsers say where a request was made (Fetch Metadata, RFC 6454). */
function refuseForeignOrigin(request: FastifyRequest, publicUrl: URL): void {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  // Under `Referrer-Policy: no-referrer` browsers send `Origin: null` with our own forms; Sec-Fetch-Site tells the truth then.
  if (origin !== undefined && origin !== 'null' && origin !== publicUrl.origin)
    throw new SparekeyError('csrf', `Origin ${origin} is not publicUrl ${publicUrl.origin}.`);
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new SparekeyError('csrf', `Sec-Fetch-Site is ${String(site)}.`);
}
