/**
 * `/passkey`: begin a recovery with a passkey, without typing a name. The start page's script asks for a challenge, which costs
 * no row and is kept in a sealed cookie; the form brings the answer. Whatever is wrong with it, the start page says one thing.
 */
import { readFields } from '../../http/form.ts';
import { SparekeyError } from '../../kernel/errors.ts';
import { paths } from '../../ui/paths.ts';
import { answerFields } from '../answer-fields.ts';
import { journeySteps } from '../journey-steps.tsx';
import { StartPage } from '../pages/start-page.tsx';
import type { Routes } from '../portal.ts';

export const passkeyRoutes: Routes = (app, portal) => {
  const { passkeyStart, directory, cookies, floor } = portal.deps;
  if (!passkeyStart.offered) return;
  const { begun } = journeySteps(app, portal);
  const fields = answerFields({ kind: 'use-passkey', method: 'passkey', options: '', resendable: false });

  app.post(`${paths.passkey}/ask`, async (request, reply) => {
    const asked = await passkeyStart.ask(portal.visit(request, reply).origin);
    if (!asked) throw new SparekeyError('not-found');
    cookies.set(reply, 'passkey', asked.token);
    return reply.type('application/json; charset=utf-8').send(asked.options);
  });

  app.post(paths.passkey, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const { credential = '' } = readFields(request.body, fields);
    const token = cookies.read(request, 'passkey') ?? '';
    cookies.clear(reply, 'passkey');
    const result = await floor(() => passkeyStart.answer(token, { credential }, visit.language, visit.origin));
    if (result.is !== 'refused') return begun(visit, reply, result);
    return visit.page(
      <StartPage t={visit.t} shell={visit.shell()} unlock={directory.can.unlock} passkey error="passkey" />,
      422,
    );
  });
};
