/** Routes of the demo's identity provider. */
import type { FastifyInstance } from 'fastify';
import { readFields } from '../http/form.ts';
import { SparekeyError } from '../kernel/errors.ts';
import { DemoIdpPage } from '../portal/pages/demo-idp-page.tsx';
import type { Portal } from '../portal/portal.ts';
import { type AuthorizationRequest, type DemoIdp, IDP, REQUEST } from './idp.ts';
import { DEMO_PEOPLE } from './people.ts';

const AUTHORIZE = `${IDP}/authorize`;

const optional = { max: 2_000, optional: true } as const;
const requestFields = Object.fromEntries(REQUEST.map((name) => [name, optional])) as Record<
  (typeof REQUEST)[number],
  typeof optional
>;

export function idpPages(app: FastifyInstance, portal: Portal, idp: DemoIdp): void {
  const requestFrom = (from: unknown): AuthorizationRequest => {
    const fields = readFields(from, requestFields);
    const asked = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    if (!idp.isKnown(asked)) throw new SparekeyError('bad-request', 'The request is not of the demo itself.');
    return asked;
  };

  app.get(`${IDP}/.well-known/openid-configuration`, async () => idp.metadata);
  app.get(`${IDP}/jwks`, async () => idp.jwks);

  app.get(AUTHORIZE, async (request, reply) => {
    const asked = requestFrom(request.query) as Record<string, string>;
    const visit = portal.visit(request, reply);
    const people = DEMO_PEOPLE.map(({ username, displayName }) => ({ username, displayName }));
    return visit.page(
      <DemoIdpPage t={visit.t} shell={visit.shell()} action={AUTHORIZE} request={asked} people={people} />,
    );
  });

  app.post(AUTHORIZE, async (request, reply) => {
    const asked = requestFrom(request.body);
    const { as } = readFields(request.body, { as: { max: 60 } });
    const person = DEMO_PEOPLE.find(({ username }) => username === as);
    const visit = portal.visit(request, reply);
    if (!person) return visit.go(idp.refused(asked));
    return visit.go(idp.granted(asked, { sub: person.username, email: person.mail }));
  });

  // Asked by Sparekey itself, which proves itself with the client's secret.
  app.post(`${IDP}/token`, { config: { signed: true } }, async (request, reply) => {
    const form = readFields(request.body, {
      grant_type: optional,
      code: optional,
      redirect_uri: optional,
      code_verifier: optional,
    });
    const answer = await idp.tokens(request.headers.authorization, form);
    if (answer.is === 'tokens') return answer.body;
    return reply.code(answer.error === 'invalid_client' ? 401 : 400).send({ error: answer.error });
  });
}
