/**
 * `/enrol`: where reminders lead, and where the organisation's sign-in page may send people with `?return=`: whoever has what it
 * takes goes straight back, whoever has not enrols first. Only configured addresses are ever returned to.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readFields } from '../../http/form.ts';
import { allowedReturn } from '../../rollout/return-to.ts';
import { paths } from '../../ui/paths.ts';
import { EnrolFirstPage } from '../pages/enrol-first-page.tsx';
import { ReminderStopPage } from '../pages/reminder-stop-page.tsx';
import type { Portal, Routes } from '../portal.ts';

/** Where this person came from, if that is allowed. */
export const backOf = ({ deps }: Pick<Portal, 'deps'>, request: FastifyRequest): string | undefined =>
  allowedReturn(deps.cookies.read(request, 'back'), deps.rollout.returnTo);

/** From another site no session comes along; a step within ours brings it. */
const fromElsewhere = (request: FastifyRequest): boolean =>
  request.headers['sec-fetch-site'] === 'cross-site' && request.headers['sec-fetch-mode'] === 'navigate';

export const enrolRoutes: Routes = (app, portal) => {
  const { enrolment, cookies, rollout } = portal.deps;

  const asked = (request: FastifyRequest): string | undefined => {
    const { return: written } = request.query as Record<string, unknown>;
    return typeof written === 'string' ? allowedReturn(written, rollout.returnTo) : undefined;
  };

  const leave = (reply: FastifyReply, back: string): FastifyReply => {
    cookies.clear(reply, 'back');
    return reply.redirect(back, 303);
  };

  app.get(paths.enrol, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const arriving = asked(request);
    const back = arriving ?? backOf(portal, request);
    if (arriving !== undefined) cookies.set(reply, 'back', arriving);
    const person = await portal.person(request, visit.language);
    if (!person) {
      // Comes again with its own cookies; without script or refresh the sign-in does the same.
      if (fromElsewhere(request)) reply.header('refresh', `0; url=${paths.enrol}`);
      else return visit.go(paths.signIn);
      return visit.page(<EnrolFirstPage t={visit.t} shell={visit.shell()} is="missing" back={back} />);
    }
    const shown = (is: 'missing' | 'ready' | 'closed') =>
      visit.page(<EnrolFirstPage t={visit.t} shell={visit.shell(person)} is={is} back={back} />);
    if ((await enrolment.overview(person)).ready) {
      if (arriving !== undefined) return leave(reply, arriving);
      cookies.clear(reply, 'back');
      return shown('ready');
    }
    return shown((await enrolment.isOpen(person)) ? 'missing' : 'closed');
  });

  app.get(paths.noReminders, async (request, reply) => {
    const visit = portal.visit(request, reply);
    return visit.page(<ReminderStopPage t={visit.t} shell={visit.shell()} />);
  });

  app.post(paths.noReminders, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const { token } = readFields(request.body, { token: { max: 1_000 } });
    // Without script the whole link is pasted.
    await rollout.optOut(token.trim().replace(/^.*#/, ''), visit.origin.ip);
    return visit.page(<ReminderStopPage t={visit.t} shell={visit.shell()} done />);
  });
};
