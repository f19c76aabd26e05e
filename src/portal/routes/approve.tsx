/**
 * `/approve`: where the contacts of people confirm who somebody is. A GET changes nothing; the value of the mail is posted
 * once, then kept in a cookie of its own, so that a sign-in in between and a reload lead back to the same request.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answered, Answering, Opened } from '../../flow/approval/service.ts';
import type { Person } from '../../flow/enrolment/service.ts';
import { readFields } from '../../http/form.ts';
import { paths } from '../../ui/paths.ts';
import { AgreePage } from '../pages/agree-page.tsx';
import { ApproveLinkPage } from '../pages/approve-link-page.tsx';
import { ApprovePage, type ApprovePageProps } from '../pages/approve-page.tsx';
import { ApproveResultPage, type ApproveResultPageProps } from '../pages/approve-result-page.tsx';
import type { Routes, Visit } from '../portal.ts';

const REFUSE = '/approve/refuse';
const AGREE = '/approve/agree';
const CONFIRM = '/approve/confirm';

export const approveRoutes: Routes = (app, portal) => {
  const { approvals, enrolment, cookies } = portal.deps;

  interface Call {
    visit: Visit;
    person: Person | undefined;
    by: Answering | undefined;
    token: string;
    request: FastifyRequest;
    reply: FastifyReply;
  }

  const called =
    (work: (call: Call) => Promise<FastifyReply>) => async (request: FastifyRequest, reply: FastifyReply) => {
      const visit = portal.visit(request, reply);
      const person = await portal.person(request, visit.language);
      const by = person && { account: person.account, fresh: enrolment.isFresh(person) };
      return work({ visit, person, by, token: cookies.read(request, 'approval') ?? '', request, reply });
    };

  const result = ({ visit, person, reply }: Call, is: ApproveResultPageProps['result'], again = false) => {
    // Needed again after the sign-in; everything else is over with this page.
    if (is !== 'sign-in' && is !== 'not-you') cookies.clear(reply, 'approval');
    return visit.page(<ApproveResultPage t={visit.t} shell={visit.shell(person)} result={is} again={again} />);
  };

  const show = (call: Call, opened: Opened, error?: ApprovePageProps['error']): FastifyReply => {
    if (opened.is === 'sign-in') return result(call, 'sign-in', opened.again);
    if (opened.is !== 'asked') return result(call, opened.is);
    const { visit, person } = call;
    const { asks, ...request } = opened.request;
    const common = { t: visit.t, shell: visit.shell(person), who: asks.name, username: asks.username };
    if (request.kind === 'consent') return visit.page(<AgreePage {...common} action={AGREE} refuseAction={REFUSE} />);
    return visit.page(
      <ApprovePage
        {...common}
        at={request.at}
        where={request.where}
        practice={opened.practice}
        action={CONFIRM}
        refuseAction={REFUSE}
        {...(error ? { error } : {})}
      />,
      error ? 422 : 200,
    );
  };

  const shown = async (call: Call, answered: Answered, refused: 'refused' | 'declined' = 'refused') => {
    if (answered.is === 'sign-in') return result(call, 'sign-in', answered.again);
    if (answered.is === 'refused') return result(call, refused);
    if (answered.is !== 'wrong-number') return result(call, answered.is);
    const { triesLeft } = answered;
    return show(call, await approvals.open(call.token, call.by), { is: 'wrong', triesLeft });
  };

  app.get(paths.approve, async (request, reply) => {
    const visit = portal.visit(request, reply);
    return visit.page(<ApproveLinkPage t={visit.t} shell={visit.shell()} />);
  });

  app.post(paths.approve, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const { token } = readFields(request.body, { token: { max: 1_000 } });
    // Without script the whole link is pasted.
    cookies.set(reply, 'approval', encodeURIComponent(token.trim().replace(/^.*#/, '')).slice(0, 200));
    return visit.go(paths.approveRequest);
  });

  app.get(
    paths.approveRequest,
    called(async (call) => show(call, await approvals.open(call.token, call.by))),
  );

  app.post(
    CONFIRM,
    called(async (call) => {
      const { number } = readFields(call.request.body, { number: { max: 40 } });
      if (number.trim() === '') return show(call, await approvals.open(call.token, call.by), { is: 'missing' });
      return shown(call, await approvals.confirm(call.token, number, call.by, call.visit.origin));
    }),
  );

  app.post(
    REFUSE,
    called(async (call) => {
      readFields(call.request.body, {});
      const opened = await approvals.open(call.token, call.by);
      const consent = opened.is === 'asked' && opened.request.kind === 'consent';
      const answered = await approvals.refuse(call.token, call.by, call.visit.origin);
      return shown(call, answered, consent ? 'declined' : 'refused');
    }),
  );

  app.post(
    AGREE,
    called(async (call) => {
      readFields(call.request.body, {});
      return shown(call, await approvals.agree(call.token, call.by, call.visit.origin));
    }),
  );
};
