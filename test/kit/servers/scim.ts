/**
 * A real SCIM 2.0 server (SCIMMY on express) on a loopback port that the kernel chooses, with a bearer token or a token endpoint,
 * a password policy, and a request log. SCIMMY is one for the process: one such server at a time.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';
import { createTokens } from './stand-in.ts';

export const TOKEN = 'scim-token-7f3a';
export const CLIENT = { clientId: 'sparekey', clientSecret: 'scim client: secret/1%' };

export interface ScimUser {
  id: string;
  userName: string;
  externalId?: string;
  emails?: { value: string }[];
  active: boolean;
  password: string;
}

export interface ScimServer {
  url: string;
  tokenUrl: string;
  users: ScimUser[];
  /** Bodies of PATCH requests as they arrived. */
  patches: { contentType: string; body: unknown }[];
  tokens: ReturnType<typeof createTokens>;
  /** Next answers instead of real ones. */
  faults: { status: number; body?: unknown; headers?: Record<string, string> }[];
  log(): string;
  disappear(): Promise<void>;
  heal(): Promise<void>;
  close(): Promise<void>;
}

const missing = (): never => {
  throw new SCIMMY.Types.Error(404, '', 'Resource not found');
};

function declareUsers(users: ScimUser[]): void {
  SCIMMY.Resources.declare(SCIMMY.Resources.User)
    .ingress((resource, data) => {
      const user = users.find(({ id }) => id === resource.id) ?? missing();
      const { password } = data as { password?: string };
      if (password !== undefined) {
        if (password.length < 8)
          throw new SCIMMY.Types.Error(400, 'invalidValue', 'The password must have at least 8 characters');
        user.password = password;
      }
      user.active = (data as { active?: boolean }).active ?? user.active;
      return shown(user);
    })
    .egress((resource) => {
      if (!resource.id) return users.filter((user) => matches(user, resource.filter)).map(shown);
      return shown(users.find(({ id }) => id === resource.id) ?? missing());
    })
    .degress(() => missing());
}

/** RFC 7643 §4.1: names and addresses are compared without case, which SCIMMY leaves to who keeps the accounts. */
function matches(user: ScimUser, filter: unknown): boolean {
  const [asked] = (filter ?? []) as Record<string, ['eq', string] & { value?: ['eq', string] }>[];
  if (!asked) return true;
  const same = (value: string, other = ''): boolean => value.toLowerCase() === other.toLowerCase();
  if (asked['userName']) return same(user.userName, asked['userName'][1]);
  if (asked['emails']) return (user.emails ?? []).some(({ value }) => same(value, asked['emails']?.value?.[1]));
  return user.externalId === asked['externalId']?.[1];
}

const shown = ({ password: _, ...user }: ScimUser) => ({ ...user });

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((ready, failed) => {
    server.once('error', failed).listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port));
  });
const stop = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });

export async function startScim(users: ScimUser[]): Promise<ScimServer> {
  const tokens = createTokens();
  const lines: string[] = [];
  const patches: ScimServer['patches'] = [];
  const faults: ScimServer['faults'] = [];
  SCIMMY.Config.set({ changePassword: true, patch: true, filter: true });
  declareUsers(users);
  const app = express();
  app.use((request, response, next) => {
    response.on('finish', () => lines.push(`${request.method} ${request.originalUrl} ${response.statusCode}`));
    const fault = request.path.startsWith('/scim') ? faults.shift() : undefined;
    if (!fault) return next();
    response
      .status(fault.status)
      .set(fault.headers ?? {})
      .send(fault.body);
  });
  app.post('/token', express.urlencoded(), (request, response) => {
    const [kind, pair = ''] = (request.header('authorization') ?? '').split(' ');
    const [name = '', secret = ''] = Buffer.from(pair, 'base64').toString().split(':').map(formDecoded);
    const fields = request.body as Record<string, string>;
    const known = kind === 'Basic' && name === CLIENT.clientId && secret === CLIENT.clientSecret;
    if (!known) return void response.status(401).json({ error: 'invalid_client' });
    if (fields['grant_type'] !== 'client_credentials')
      return void response.status(400).json({ error: 'unsupported_grant_type' });
    response.json(tokens.issue(fields['scope'] ?? ''));
  });
  app.use('/scim/v2', express.json({ type: 'application/scim+json' }), (request, _response, next) => {
    if (request.method === 'PATCH')
      patches.push({ contentType: request.header('content-type') ?? '', body: structuredClone(request.body) });
    next();
  });
  app.use(
    '/scim/v2',
    new SCIMMYRouters({
      type: 'bearer',
      handler: (request) => {
        const authorization = request.header('authorization') ?? '';
        if (authorization === `Bearer ${TOKEN}` || tokens.scopeOf(authorization) === 'users') return 'sparekey';
        throw new Error('The token is not valid');
      },
    }),
  );
  let server = createServer(app);
  const port = await listen(server, 0);
  let running = true;
  const disappear = async (): Promise<void> => {
    if (running) await stop(server);
    running = false;
  };
  return {
    url: `http://127.0.0.1:${port}/scim/v2`,
    tokenUrl: `http://127.0.0.1:${port}/token`,
    users,
    patches,
    tokens,
    faults,
    log: () => lines.join('\n'),
    disappear,
    async heal() {
      server = createServer(app);
      await listen(server, port);
      running = true;
    },
    close: disappear,
  };
}

const formDecoded = (text: string): string => new URLSearchParams(`a=${text}`).get('a') ?? '';
