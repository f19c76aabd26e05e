/** What only the demo has: seeded people, what their app shows, and an inbox that holds every mail. */
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { Secret as OtpSecret, TOTP } from 'otpauth';
import type { FlowDeps } from '../flow/deps.ts';
import { SparekeyError } from '../kernel/errors.ts';
import type { DemoInbox } from '../notify/demo-inbox.ts';
import type { DemoPerson } from '../portal/pages/demo-page.tsx';
import { isMethodId } from '../portal/pages/method-look.ts';
import type { Portal, Visit } from '../portal/portal.ts';
import type { SparekeyConfig } from '../registries.ts';
import { demoPages } from './pages.tsx';
import { DEMO_PASSWORD, DEMO_PEOPLE } from './people.ts';
import { demoAccountId, seedDemo } from './seed.ts';

export interface DemoInput {
  server: FastifyInstance;
  portal: Portal;
  flow: FlowDeps;
  inbox: DemoInbox;
  config: SparekeyConfig;
}

export async function createDemo({ server, portal, flow, inbox, config }: DemoInput): Promise<void> {
  const file = join(config.storage.engine === 'sqlite' ? dirname(config.storage.file) : 'data', 'demo-people.json');
  const sheets = await seedDemo(flow, file);

  const people = async (visit: Visit): Promise<DemoPerson[]> => {
    const own = await flow.authenticators.listMany(
      flow.storage.db,
      DEMO_PEOPLE.map(({ username }) => demoAccountId(username)),
    );
    return DEMO_PEOPLE.map((person) => {
      const theirs = own.get(demoAccountId(person.username)) ?? [];
      const app = theirs.find(({ method }) => method === 'totp');
      const left = theirs
        .filter(({ method }) => method === 'recovery-code')
        .flatMap(({ data }) => data['codes'] as { selector: string }[]);
      const savedCodes = (sheets[person.username] ?? []).filter((code) =>
        left.some(({ selector }) => code.startsWith(selector)),
      );
      return {
        username: person.username,
        displayName: person.displayName,
        password: DEMO_PASSWORD,
        note: visit.t(`demo.note.${person.note}`),
        ways: [...new Set(theirs.map(({ method }) => method))].filter(isMethodId),
        savedCodes,
        ...(app
          ? {
              currentTotp: new TOTP({ secret: OtpSecret.fromBase32(String(app.data['seed'])) }).generate({
                timestamp: flow.clock.now(),
              }),
            }
          : {}),
      };
    });
  };

  // Whoever opens 127.0.0.1 instead of localhost would have forms refused as foreign: show the way.
  server.addHook('onRequest', async (request, reply) => {
    const { host } = portal.deps.publicUrl;
    if (
      request.method === 'GET' &&
      request.host !== host &&
      /^(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?$/.test(request.host)
    )
      return reply.redirect(`${portal.deps.publicUrl.origin}${request.url}`, 302);
  });

  demoPages(server, portal, {
    people,
    messages: () => inbox.messages().map(({ idempotencyKey: id, to, subject, at }) => ({ id, to, subject, at })),
    message: (id) => {
      const found = inbox.messages().find(({ idempotencyKey }) => idempotencyKey === id);
      if (!found) throw new SparekeyError('not-found');
      return found;
    },
  });
}
