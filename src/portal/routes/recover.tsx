/**
 * `/` and `/recover`: the journey. One address shows whatever state it is in; every POST carries the step it belongs to,
 * so the back button, a double click and a second window do no harm.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Advanced } from '../../flow/journey/service.ts';
import { isAnonymous, isOver } from '../../flow/journey/states.ts';
import { readFields } from '../../http/form.ts';
import { SparekeyError } from '../../kernel/errors.ts';
import { paths } from '../../ui/paths.ts';
import { journeyPage } from '../journey-page.tsx';
import { EmailLinkPage } from '../pages/email-link-page.tsx';
import { OutcomePage } from '../pages/outcome-page.tsx';
import { StartPage } from '../pages/start-page.tsx';
import type { Routes, Visit } from '../portal.ts';

const IDENTIFIER = 256;
const STEP = { max: 64 };
/** A password is at most 128 code points; what is longer still gets its sentence from the rules. */
const PASSWORD = { max: 2_048, secret: true } as const;

export const recoverRoutes: Routes = (app, portal) => {
  const { journeys, passwords, signIn, cookies, floor } = portal.deps;

  const unavailable = (visit: Visit): FastifyReply =>
    visit.page(<OutcomePage t={visit.t} shell={visit.shell()} outcome={{ is: 'directory-unavailable' }} />, 503);

  const tokenOf = (request: FastifyRequest): string => cookies.read(request, 'flow') ?? '';

  /** Every POST ends here: new cookie where a gate was passed, then look at the journey with a GET. */
  const after = async (
    visit: Visit,
    request: FastifyRequest,
    reply: FastifyReply,
    result: Advanced | { is: 'unavailable' },
  ) => {
    if (result.is === 'unavailable') return unavailable(visit);
    if (result.is === 'stale' || result.is === 'spent') return visit.go(`${paths.recover}?${result.is}=1`);
    const { journey } = result.live;
    if (journey.state.at === 'signed-in' && journey.account) {
      const session = await signIn.complete(journey.account.key, journey.passed.at(-1) ?? '', visit.origin);
      cookies.clear(reply, 'flow');
      const old = cookies.read(request, 'session');
      if (session && old) await signIn.signOut(old, visit.origin);
      if (session) cookies.set(reply, 'session', session);
      return visit.go(session ? paths.safety : paths.signIn);
    }
    if (result.token) cookies.set(reply, 'flow', result.token);
    return visit.go(paths.recover);
  };

  /** A step of the journey; before the first gate every answer takes its time, whoever it is about. */
  const step = (
    path: string,
    run: (request: FastifyRequest, visit: Visit, token: string) => Promise<Advanced | { is: 'unavailable' }>,
  ) =>
    app.post(path, async (request, reply) => {
      const visit = portal.visit(request, reply);
      const token = tokenOf(request);
      const live = await journeys.store.load(token);
      const work = () => run(request, visit, token);
      return after(visit, request, reply, !live || isAnonymous(live.journey) ? await floor(work) : await work());
    });

  app.get(paths.start, async (request, reply) => {
    const visit = portal.visit(request, reply);
    return visit.page(<StartPage t={visit.t} shell={visit.shell()} />);
  });

  app.post(paths.recover, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const { identifier } = readFields(request.body, { identifier: { max: 4_096 } });
    const again = (error: 'missing' | 'too-long', typed: string) =>
      visit.page(<StartPage t={visit.t} shell={visit.shell()} error={error} identifier={typed} />, 422);
    if (identifier.trim() === '') return again('missing', '');
    if (identifier.length > IDENTIFIER) return again('too-long', '');
    const begun = await floor(() => journeys.begin(identifier, visit.language, visit.origin));
    if (begun.is === 'begun') {
      cookies.set(reply, 'flow', begun.token);
      return visit.go(paths.recover);
    }
    const shell = visit.shell();
    if (begun.is === 'unavailable') return unavailable(visit);
    const seconds = portal.secondsUntil(begun.until);
    reply.header('retry-after', seconds);
    return visit.page(<OutcomePage t={visit.t} shell={shell} outcome={{ is: 'too-many', seconds }} />, 429);
  });

  app.get(paths.recover, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const live = await journeys.store.load(tokenOf(request));
    if (!live) {
      const expired = <OutcomePage t={visit.t} shell={visit.shell()} outcome={{ is: 'expired' }} />;
      return tokenOf(request) === '' && !(request.query as Record<string, unknown>)['stale']
        ? visit.go(paths.start)
        : visit.page(expired);
    }
    const { spent } = request.query as Record<string, unknown>;
    const page = await journeyPage(portal, visit, live, spent !== undefined);
    if (!page) return unavailable(visit);
    // Said once: whoever sits at this computer next learns neither the name nor a replacement code.
    if (isOver(live.journey.state)) cookies.clear(reply, 'flow');
    return visit.page(page);
  });

  step('/recover/method', async (request, visit, token) => {
    const { step, method } = readFields(request.body, { step: STEP, method: { max: 40 } });
    return journeys.choose(token, step, method, visit.origin);
  });

  step('/recover/answer', async (request, visit, token) => {
    const { step, code } = readFields(request.body, { step: STEP, code: { max: 200 } });
    return journeys.answer(token, step, { code }, visit.origin);
  });

  step('/recover/resend', async (request, visit, token) => {
    const { step } = readFields(request.body, { step: STEP });
    return journeys.resend(token, step, visit.origin);
  });

  step('/recover/another', async (request, visit, token) => {
    const { step } = readFields(request.body, { step: STEP });
    return journeys.back(token, step, visit.origin);
  });

  step('/recover/cancel', async (request, visit, token) => {
    const { step } = readFields(request.body, { step: STEP });
    return journeys.cancel(token, step, visit.origin);
  });

  step('/recover/password', async (request, visit, token) => {
    const fields = readFields(request.body, { step: STEP, password: PASSWORD, again: { ...PASSWORD, optional: true } });
    const live = await journeys.store.load(token);
    if (!live || live.journey.step !== fields.step) return { is: 'stale' };
    return passwords.set(live, { password: fields.password, again: fields.again }, visit.origin);
  });

  /** Live ticks while typing. Only inside a journey that has reached the password, so nobody can use it as an oracle. */
  app.post('/recover/password/rules', async (request, reply) => {
    const { password } = readFields(request.body, { password: PASSWORD });
    const live = await journeys.store.load(tokenOf(request));
    if (live?.journey.state.at !== 'choosing-password' || !live.journey.account)
      throw new SparekeyError('flow-expired');
    const found = await portal.deps.directory.load(live.journey.account.key);
    if (found.is !== 'found') throw new SparekeyError('directory-unavailable');
    const rules = await passwords.rules.judge(password, found.account);
    return reply.send({ rules: rules.map(({ id, state }) => ({ id, state })) });
  });

  // The token is in the fragment: it never reaches a log, and opening the link (a mail scanner does) changes nothing.
  app.get('/recover/link', async (request, reply) => {
    const visit = portal.visit(request, reply);
    const live = await journeys.store.load(tokenOf(request));
    const waits = live?.journey.state.at === 'answering' ? live.journey.step : undefined;
    return visit.page(
      <EmailLinkPage
        t={visit.t}
        shell={visit.shell()}
        action="/recover/link"
        codeUrl={live ? paths.recover : paths.start}
        {...(waits ? { step: waits } : {})}
      />,
    );
  });

  step('/recover/link', async (request, visit, token) => {
    const fields = readFields(request.body, { step: { ...STEP, optional: true }, token: { max: 200 } });
    return journeys.answer(token, fields.step ?? '', { token: fields.token }, visit.origin);
  });
};
