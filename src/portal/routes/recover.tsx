/**
 * `/` and `/recover`: the journey. One address shows whatever state it is in; every POST carries the step it belongs to,
 * so the back button, a double click and a second window do no harm.
 */
import { isOver } from '../../flow/journey/states.ts';
import { readFields } from '../../http/form.ts';
import { SparekeyError } from '../../kernel/errors.ts';
import { newToken } from '../../kernel/random.ts';
import type { Answer } from '../../methods/method.ts';
import { paths } from '../../ui/paths.ts';
import { answerFields } from '../answer-fields.ts';
import { ANSWERED } from '../gate-page.tsx';
import { journeyPage } from '../journey-page.tsx';
import { journeySteps, STEP } from '../journey-steps.tsx';
import { EmailLinkPage } from '../pages/email-link-page.tsx';
import { newPasswordAnswer, suggestedBy, wantsJson } from '../pages/new-password-answer.ts';
import { OutcomePage } from '../pages/outcome-page.tsx';
import { StartPage } from '../pages/start-page.tsx';
import type { Routes } from '../portal.ts';

const IDENTIFIER = 256;
/** A password is at most 128 code points; what is longer still gets its sentence from the rules. */
const PASSWORD = { max: 2_048, secret: true } as const;

export const recoverRoutes: Routes = (app, portal) => {
  const { journeys, passkeyStart, passwords, directory, cookies, floor } = portal.deps;

  const { step, tokenOf, unavailable, begun } = journeySteps(app, portal);

  app.get(paths.start, async (request, reply) => {
    const visit = portal.visit(request, reply);
    return visit.page(
      <StartPage t={visit.t} shell={visit.shell()} unlock={directory.can.unlock} passkey={passkeyStart.offered} />,
    );
  });

  app.post(paths.recover, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const { identifier } = readFields(request.body, { identifier: { max: 4_096 } });
    const again = (error: 'missing' | 'too-long', typed: string) =>
      visit.page(
        <StartPage
          t={visit.t}
          shell={visit.shell()}
          unlock={directory.can.unlock}
          passkey={passkeyStart.offered}
          error={error}
          identifier={typed}
        />,
        422,
      );
    if (identifier.trim() === '') return again('missing', '');
    if (identifier.length > IDENTIFIER) return again('too-long', '');
    return begun(visit, reply, await floor(() => journeys.begin(identifier, visit.language, visit.origin)));
  });

  app.get(paths.recover, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const live = await journeys.store.load(tokenOf(request));
    const heir = live ? undefined : await journeys.store.inherit(tokenOf(request), cookies.read(request, 'heir'));
    if (heir) {
      cookies.set(reply, 'flow', heir);
      return visit.go(paths.recover);
    }
    if (!live) {
      const expired = <OutcomePage t={visit.t} shell={visit.shell()} outcome={{ is: 'expired' }} />;
      return tokenOf(request) === '' && !(request.query as Record<string, unknown>)['stale']
        ? visit.go(paths.start)
        : visit.page(expired);
    }
    await journeys.store.arrived(live);
    const { spent, missing } = request.query as Record<string, unknown>;
    const told = { spent: spent !== undefined, missing: missing !== undefined };
    const page = await journeyPage(portal, visit, live, told);
    if (!page) return unavailable(visit);
    // Said once: whoever sits at this computer next learns neither the name nor a replacement code.
    if (isOver(live.journey.state)) {
      cookies.clear(reply, 'flow');
      // Shows no more than how far the new password has come.
      if (live.journey.state.at === 'done') cookies.set(reply, 'outcome', tokenOf(request));
    }
    // New with every look, so that only the browser that was given this very form can inherit what its answer opens.
    if (live.journey.state.at === 'answering') cookies.set(reply, 'heir', newToken());
    else if (cookies.read(request, 'heir')) cookies.clear(reply, 'heir');
    return visit.page(page);
  });

  step('/recover/method', async (request, visit, token, live) => {
    const { step, method } = readFields(request.body, { step: STEP, method: { max: 40 } });
    return journeys.choose(token, step, method, visit.origin, live);
  });

  step('/recover/answer', async (request, visit, token, live) => {
    const state = live?.journey.state;
    const { step } = readFields(request.body, { step: STEP });
    if (state?.at !== 'answering') return { is: 'stale' };
    const answer = readFields(request.body, answerFields(state.prompt));
    return journeys.answer(token, step, answer as Answer, visit.origin, live);
  });

  /** For the script of a page that waits for somebody else: changes nothing, costs nothing. */
  app.get(ANSWERED, async (request, reply) =>
    reply.send({ answered: await journeys.answered(cookies.read(request, 'flow') ?? '') }),
  );

  step('/recover/resend', async (request, visit, token) => {
    const { step } = readFields(request.body, { step: STEP });
    return journeys.resend(token, step, visit.origin);
  });

  step('/recover/another', async (request, visit, token) => {
    const { step } = readFields(request.body, { step: STEP });
    return journeys.back(token, step, visit.origin);
  });

  step('/recover/waited', async (request, visit, token) => {
    const { step } = readFields(request.body, { step: STEP });
    return journeys.waited(token, step, visit.origin);
  });

  step('/recover/cancel', async (request, visit, token) => {
    const { step } = readFields(request.body, { step: STEP });
    return journeys.cancel(token, step, visit.origin);
  });

  step('/recover/password', async (request, visit, _token, live) => {
    const fields = readFields(request.body, { step: STEP, password: PASSWORD, again: { ...PASSWORD, optional: true } });
    if (!live || live.journey.step !== fields.step) return { is: 'stale' };
    return passwords.set(live, { password: fields.password, again: fields.again }, visit.origin);
  });

  /** Live ticks while typing. Only inside a journey that has reached the password, so nobody can use it as an oracle. */
  app.post('/recover/password/rules', async (request, reply) => {
    const visit = portal.visit(request, reply);
    const { password } = readFields(request.body, { password: PASSWORD });
    const live = await journeys.store.load(tokenOf(request));
    if (live?.journey.state.at !== 'choosing-password' || !live.journey.account)
      throw new SparekeyError('flow-expired');
    const found = await portal.deps.directory.load(live.journey.account.key);
    if (found.is !== 'found') throw new SparekeyError('directory-unavailable');
    return reply.send(await newPasswordAnswer(passwords.rules, visit.t, password, found.account));
  });

  /** A suggestion stands in this answer and nowhere else. */
  app.post('/recover/password/suggest', async (request, reply) => {
    const visit = portal.visit(request, reply);
    const { kind } = readFields(request.body, { kind: { max: 10, optional: true } });
    const live = await journeys.store.load(tokenOf(request));
    if (live?.journey.state.at !== 'choosing-password' || !live.journey.account) return visit.go(paths.recover);
    const found = await portal.deps.directory.load(live.journey.account.key);
    if (found.is !== 'found') return unavailable(visit);
    const made = await passwords.rules.suggest(found.account, visit.language, kind === 'random' ? 'random' : 'words');
    if (made && wantsJson(request)) return reply.send({ password: made.password });
    const page = await journeyPage(portal, visit, live, {}, suggestedBy(made));
    return page ? visit.page(page, made ? 200 : 422) : unavailable(visit);
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

  step('/recover/link', async (request, visit, token, live) => {
    const fields = readFields(request.body, { step: { ...STEP, optional: true }, token: { max: 200 } });
    return journeys.answer(token, fields.step ?? '', { token: fields.token }, visit.origin, live);
  });
};
