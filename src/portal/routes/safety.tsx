/** `/safety`: how safe am I, the practice run, and removing a way to verify. For signed-in people. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Overview } from '../../flow/enrolment/overview.ts';
import type { Person } from '../../flow/enrolment/service.ts';
import { readFields } from '../../http/form.ts';
import { SparekeyError } from '../../kernel/errors.ts';
import { paths } from '../../ui/paths.ts';
import { isMethodId } from '../pages/method-look.ts';
import { OutcomePage } from '../pages/outcome-page.tsx';
import { RemovePage } from '../pages/remove-page.tsx';
import { RenamePage } from '../pages/rename-page.tsx';
import { type SafetyGap, SafetyPage, type Way } from '../pages/safety-page.tsx';
import type { Portal, Routes, Visit } from '../portal.ts';
import { backOf } from './enrol.tsx';

const FEW_CODES = 3;
/** What has a name of the person's own; an address is known by itself, a sheet is the only one. */
const NAMED = ['totp', 'passkey', 'oidc', 'sms', 'voice', 'contact-approval'];
const RECENT = 8;
export const CONFIRM_FIRST = `${paths.signIn}?confirm=1`;
const addUrl = (method: string) => `${paths.addWay}/${method}`;

/** Runs `work` for whoever is signed in; everybody else is asked to sign in. */
export const signedIn =
  (
    portal: Portal,
    work: (visit: Visit, person: Person, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
  ) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const visit = portal.visit(request, reply);
    const person = await portal.person(request, visit.language);
    if (person) return work(visit, person, request, reply);
    const had = portal.deps.cookies.read(request, 'session') !== undefined;
    portal.deps.cookies.clear(reply, 'session');
    return visit.go(had ? `${paths.signIn}?ended=idle` : paths.signIn);
  };

/** What the person has, and directory addresses that would help as soon as they are confirmed. */
function waysOf({ ways, unconfirmed }: Overview): Way[] {
  const own = ways.flatMap((way): Way[] =>
    isMethodId(way.method)
      ? [
          {
            id: way.id,
            method: way.method,
            state: way.state,
            removeUrl: `/ways/${way.id}/remove`,
            ...(NAMED.includes(way.method) ? { renameUrl: `/ways/${way.id}/rename` } : {}),
            ...(way.settlesAt === undefined ? {} : { settlesAt: way.settlesAt }),
            ...(way.label ? { label: way.label } : {}),
            ...(way.left === undefined ? {} : { codesLeft: way.left }),
            ...(way.lastUsedAt === undefined ? {} : { lastUsedAt: way.lastUsedAt }),
          },
        ]
      : [],
  );
  if (own.some(({ method }) => method === 'email')) return own;
  const offered = unconfirmed.map(
    (label): Way => ({ id: label, method: 'email', label, state: 'unconfirmed', confirmUrl: addUrl('email') }),
  );
  return [...offered, ...own];
}

function gapsOf({ ways, ready, missing, reconfirm, frozen }: Overview): SafetyGap[] {
  const mails = ways.filter(({ method }) => method === 'email');
  const sheet = ways.find(({ method }) => method === 'recovery-code');
  return [
    ...(frozen ? ['frozen' as const] : []),
    ...(ready
      ? []
      : [ways.length === 0 || (missing[0]?.length ?? 0) > 1 ? ('no-way' as const) : ('one-more' as const)]),
    ...(mails.length > 0 && mails.every(({ state }) => state === 'same-mailbox') ? ['same-mailbox' as const] : []),
    ...(ways.some(({ state }) => state === 'disabled') ? ['disabled' as const] : []),
    ...(sheet?.left !== undefined && sheet.left <= FEW_CODES ? ['few-codes' as const] : []),
    ...(reconfirm ? ['reconfirm' as const] : []),
  ];
}

const DONE = ['added', 'removed', 'renamed', 'reconfirmed', 'ended'] as const;
const isDone = (text: unknown): text is (typeof DONE)[number] => DONE.some((done) => done === text);

export const safetyRoutes: Routes = (app, portal) => {
  const { enrolment, journeys, ownData, ownFile, cookies } = portal.deps;

  app.get(
    paths.safety,
    signedIn(portal, async (visit, person, request) => {
      const overview = await enrolment.overview(person);
      const { done } = request.query as Record<string, unknown>;
      if (overview.ways.length === 0 && !(await enrolment.isOpen(person)))
        return visit.page(<OutcomePage t={visit.t} shell={visit.shell(person)} outcome={{ is: 'not-open' }} />);
      // Sent here by the organisation's sign-in page.
      if (done === 'added' && backOf(portal, request) !== undefined) return visit.go(paths.enrol);
      const own = new Set(overview.ways.map(({ method }) => method));
      return visit.page(
        <SafetyPage
          t={visit.t}
          shell={visit.shell(person)}
          ways={waysOf(overview)}
          missing={overview.addable
            .filter(isMethodId)
            .filter((method) => !own.has(method))
            .map((method) => ({ method, addUrl: addUrl(method) }))}
          gaps={gapsOf(overview)}
          sessions={await ownData.sessions(person)}
          activity={await ownData.activity(person, RECENT)}
          systems={await portal.deps.ownSystems.of(person.account.id)}
          {...(isDone(done) ? { notice: done } : {})}
        />,
      );
    }),
  );

  app.post(
    paths.practice,
    signedIn(portal, async (visit, person, _request, reply) => {
      const { token } = await journeys.beginFor('practice', person.account, visit.language, visit.origin);
      cookies.set(reply, 'flow', token);
      return visit.go(paths.recover);
    }),
  );

  app.get(
    '/ways/:id/remove',
    signedIn(portal, async (visit, person, request) => {
      const { id } = request.params as { id: string };
      const way = (await enrolment.overview(person)).ways.find((one) => one.id === id);
      if (!way || !isMethodId(way.method)) throw new SparekeyError('not-found');
      if (!enrolment.isFresh(person)) return visit.go(CONFIRM_FIRST);
      return visit.page(
        <RemovePage
          t={visit.t}
          shell={visit.shell(person)}
          action={`/ways/${way.id}/remove`}
          method={way.method}
          strands={await enrolment.wouldStrand(person, way.id)}
          {...(way.label ? { label: way.label } : {})}
        />,
      );
    }),
  );

  app.post(
    '/ways/:id/remove',
    signedIn(portal, async (visit, person, request) => {
      readFields(request.body, {});
      const { id } = request.params as { id: string };
      const result = await enrolment.remove(person, id, visit.origin);
      if (result.is === 'prove-first') return visit.go(CONFIRM_FIRST);
      return visit.go(result.is === 'removed' ? `${paths.safety}?done=removed` : paths.safety);
    }),
  );

  app.post(
    '/safety/reconfirm',
    signedIn(portal, async (visit, person, request) => {
      readFields(request.body, {});
      await enrolment.reconfirm(person, visit.origin);
      return visit.go(`${paths.safety}?done=reconfirmed`);
    }),
  );

  app.post(
    '/safety/sessions/end',
    signedIn(portal, async (visit, person, request) => {
      const { session } = readFields(request.body, { session: { max: 100, optional: true } });
      await ownData.endSessions(person, session, visit.origin);
      return visit.go(`${paths.safety}?done=ended`);
    }),
  );

  app.post(
    '/safety/export',
    signedIn(portal, async (visit, person, request, reply) => {
      readFields(request.body, {});
      if (!enrolment.isFresh(person)) return visit.go(CONFIRM_FIRST);
      const file = await ownFile(person.account, visit.origin);
      reply.header('content-disposition', 'attachment; filename="sparekey-my-data.json"');
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(file, null, 2));
    }),
  );

  app.get(
    '/ways/:id/rename',
    signedIn(portal, async (visit, person, request) => {
      const { id } = request.params as { id: string };
      const way = (await enrolment.overview(person)).ways.find((one) => one.id === id);
      if (!way || !isMethodId(way.method) || !NAMED.includes(way.method)) throw new SparekeyError('not-found');
      const { missing } = request.query as Record<string, unknown>;
      return visit.page(
        <RenamePage
          t={visit.t}
          shell={visit.shell(person)}
          action={`/ways/${way.id}/rename`}
          method={way.method}
          label={way.label}
          missing={missing !== undefined}
        />,
        missing === undefined ? 200 : 422,
      );
    }),
  );

  app.post(
    '/ways/:id/rename',
    signedIn(portal, async (visit, person, request) => {
      const { name } = readFields(request.body, { name: { max: 200 } });
      const { id } = request.params as { id: string };
      const result = await enrolment.rename(person, id, name, visit.origin);
      if (result.is === 'missing') return visit.go(`/ways/${id}/rename?missing=1`);
      return visit.go(result.is === 'renamed' ? `${paths.safety}?done=renamed` : paths.safety);
    }),
  );
};
