/** What every route of a journey does: count the time before the first gate, keep the cookie, and end with a look at where it stands. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Advanced, Begun } from '../flow/journey/service.ts';
import { isAnonymous } from '../flow/journey/states.ts';
import type { Live } from '../flow/journey/store.ts';
import { paths } from '../ui/paths.ts';
import { afterSignIn } from './after-sign-in.ts';
import { OutcomePage } from './pages/outcome-page.tsx';
import type { Portal, Visit } from './portal.ts';

/** The field that binds a form to its step. */
export const STEP = { max: 64 };

type Stepped = Advanced | { is: 'unavailable' } | FastifyReply;
/** `live`: what the cookie's value belongs to. */
type Run = (request: FastifyRequest, visit: Visit, token: string, live: Live | undefined) => Promise<Stepped>;

export function journeySteps(app: FastifyInstance, portal: Portal) {
  const { journeys, signIn, cookies, floor } = portal.deps;

  const unavailable = (visit: Visit): FastifyReply =>
    visit.page(
      <OutcomePage
        t={visit.t}
        shell={visit.shell()}
        outcome={{ is: 'directory-unavailable', path: visit.lookAgain() }}
      />,
      503,
    );

  const tokenOf = (request: FastifyRequest): string => cookies.read(request, 'flow') ?? '';

  /** Every POST ends here: new cookie where a gate was passed, then look at the journey with a GET. */
  const after = async (visit: Visit, request: FastifyRequest, reply: FastifyReply, result: Stepped) => {
    if (!('is' in result)) return result;
    if (result.is === 'unavailable') return unavailable(visit);
    if (result.is === 'stale' || result.is === 'spent') return visit.go(`${paths.recover}?${result.is}=1`);
    const { journey } = result.live;
    if (journey.state.at === 'signed-in' && journey.account) {
      const session = await signIn.complete(journey.account.key, journey.passed.at(-1)?.method ?? '', visit.origin);
      cookies.clear(reply, 'flow');
      const old = cookies.read(request, 'session');
      if (session && old) await signIn.signOut(old, visit.origin);
      if (session) cookies.set(reply, 'session', session);
      return visit.go(session ? afterSignIn(portal, request) : paths.signIn);
    }
    if (result.token) cookies.set(reply, 'flow', result.token);
    return visit.go(paths.recover);
  };

  /** A step of the journey; before the first gate every answer takes its time, whoever it is about. */
  const step = (path: string, run: Run) =>
    app.post(path, async (request, reply) => {
      const visit = portal.visit(request, reply);
      const token = tokenOf(request);
      const live = await journeys.store.load(token);
      const work = () => run(request, visit, token, live);
      return after(visit, request, reply, !live || isAnonymous(live.journey) ? await floor(work) : await work());
    });

  /** A stranger said who they are: on to the first gate, or a sentence. */
  const begun = (visit: Visit, reply: FastifyReply, result: Begun): FastifyReply => {
    if (result.is === 'begun') {
      cookies.set(reply, 'flow', result.token);
      return visit.go(paths.recover);
    }
    const shell = visit.shell();
    if (result.is === 'unavailable') return unavailable(visit);
    const seconds = portal.secondsUntil(result.until);
    reply.header('retry-after', seconds);
    return visit.page(<OutcomePage t={visit.t} shell={shell} outcome={{ is: 'too-many', seconds }} />, 429);
  };

  return { step, tokenOf, unavailable, begun };
}
