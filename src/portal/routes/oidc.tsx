/**
 * `/oidc/return`: where an identity provider sends people back to. The GET changes nothing and shows a page of ours, because
 * only from there the session cookie comes along; which form it holds is told by the state.
 */
import type { FastifyRequest } from 'fastify';
import { SparekeyError } from '../../kernel/errors.ts';
import { isStateOf, RETURN_PATH } from '../../methods/oidc.ts';
import { paths } from '../../ui/paths.ts';
import { OutcomePage } from '../pages/outcome-page.tsx';
import { ReturnedPage } from '../pages/returned-page.tsx';
import type { Routes } from '../portal.ts';

const LONGEST = 4_000;

const queryOf = ({ url }: FastifyRequest): string => url.slice(url.indexOf('?') + 1 || url.length);

/** The state that the address of the provider carries: the one that an answer must have. */
const stateIn = (url: string): string | null => new URL(url).searchParams.get('state');

export const oidcRoutes: Routes = (app, portal) => {
  const { journeys, cookies } = portal.deps;

  app.get(RETURN_PATH, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const returned = queryOf(request);
    if (returned.length > LONGEST) throw new SparekeyError('bad-request', 'The answer is too long.');
    const state = new URLSearchParams(returned).get('state') ?? '';
    const page = { t: visit.t, shell: visit.shell(), returned };
    if (isStateOf('add', state)) return visit.page(<ReturnedPage {...page} action={`${paths.addWay}/oidc/confirm`} />);

    const live = await journeys.store.load(cookies.read(request, 'flow') ?? '');
    const at = live?.journey.state;
    // Another journey, an older question or another browser: nothing is handed in, so no try is lost either.
    const asked = at?.at === 'answering' && at.prompt.kind === 'go-elsewhere' && stateIn(at.prompt.url) === state;
    if (!live || !asked) return visit.page(<OutcomePage t={visit.t} shell={page.shell} outcome={{ is: 'expired' }} />);
    return visit.page(<ReturnedPage {...page} action="/recover/answer" step={live.journey.step} />);
  });
};
