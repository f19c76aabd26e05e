/** What only the demo has: seeded people, an inbox, a phone, an app and an identity provider of its own, and a help desk of one button. */
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { AssistedService } from '../flow/assisted/service.ts';
import type { FlowDeps } from '../flow/deps.ts';
import { minutes } from '../kernel/clock.ts';
import { SparekeyError } from '../kernel/errors.ts';
import { RETURN_PATH } from '../methods/oidc.ts';
import { textKeyOf } from '../methods/questions/catalogue.ts';
import type { DemoInbox } from '../notify/demo-inbox.ts';
import type { DemoPhone } from '../notify/demo-phone.ts';
import type { DemoPass, DemoPerson } from '../portal/pages/demo-page.tsx';
import { isMethodId } from '../portal/pages/method-look.ts';
import type { Portal, Visit } from '../portal/portal.ts';
import type { SparekeyConfig } from '../registries.ts';
import type { TextKey } from '../text/index.ts';
import { appPages, codeOf } from './app-pages.tsx';
import { createDemoIdp } from './idp.ts';
import { idpPages } from './idp-pages.tsx';
import { demoPages } from './pages.tsx';
import { DEMO_PASSWORD, DEMO_PEOPLE } from './people.ts';
import { phonePages } from './phone-pages.tsx';
import { demoAccountId, seedDemo } from './seed.ts';

export interface DemoInput {
  server: FastifyInstance;
  portal: Portal;
  flow: FlowDeps;
  inbox: DemoInbox;
  phone: DemoPhone;
  assisted: AssistedService;
  config: SparekeyConfig;
}

export async function createDemo({ server, portal, flow, inbox, phone, assisted, config }: DemoInput): Promise<void> {
  const file = join(config.storage.engine === 'sqlite' ? dirname(config.storage.file) : 'data', 'demo-people.json');
  const issuer = flow.methods.has('oidc') ? config.methods.oidc.issuer : undefined;
  const sheets = await seedDemo(flow, file, issuer);
  let pass: DemoPass | undefined;

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
              currentTotp: codeOf(String(app.data['seed']), flow.clock.now()),
            }
          : {}),
        ...(person.phone ? { phone: person.phone } : {}),
        ...(person.manager ? { manager: person.manager } : {}),
        ...(person.card ? { card: person.card } : {}),
        answers: Object.entries(person.answers ?? {}).map(([question, answer]) => ({
          question: visit.t(textKeyOf(question) as TextKey),
          answer,
        })),
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

  phonePages(server, portal, phone);
  appPages(server, portal, async () => {
    const own = await flow.authenticators.listMany(
      flow.storage.db,
      DEMO_PEOPLE.map(({ username }) => demoAccountId(username)),
    );
    return DEMO_PEOPLE.flatMap(({ username, displayName: name }) =>
      (own.get(demoAccountId(username)) ?? [])
        .filter(({ method }) => method === 'totp')
        .map(({ data }) => ({ name, key: String(data['seed']) })),
    );
  });
  if (issuer) {
    const back = new URL(RETURN_PATH, portal.deps.publicUrl).href;
    idpPages(server, portal, await createDemoIdp(issuer, back, flow.clock));
  }

  demoPages(server, portal, {
    people,
    pass: () => (pass && flow.clock.now() < pass.expiresAt ? pass : undefined),
    async issue(username) {
      const issued = await assisted.issuePass({
        helper: 'demo help desk',
        identifier: username,
        verification: { kind: 'id-in-person' },
      });
      pass =
        issued.is === 'issued'
          ? { name: issued.account.displayName, code: issued.code, expiresAt: issued.expiresAt }
          : { name: username, cause: issued.cause, expiresAt: flow.clock.now() + minutes(1) };
    },
    messages: () => inbox.messages().map(({ idempotencyKey: id, to, subject, at }) => ({ id, to, subject, at })),
    message: (id) => {
      const found = inbox.messages().find(({ idempotencyKey }) => idempotencyKey === id);
      if (!found) throw new SparekeyError('not-found');
      return found;
    },
  });
}
