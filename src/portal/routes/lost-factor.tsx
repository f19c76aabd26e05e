/** `/recover/lost`: the second factor is gone, the password is not. A journey of its own, from the second step of a sign-in. */
import { readFields } from '../../http/form.ts';
import { paths } from '../../ui/paths.ts';
import { journeySteps, STEP } from '../journey-steps.tsx';
import type { Routes } from '../portal.ts';

export const lostFactorRoutes: Routes = (app, portal) => {
  const { journeys, lostFactor, cookies } = portal.deps;
  const { step, tokenOf } = journeySteps(app, portal);

  app.post(paths.lost, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const fields = readFields(request.body, { step: STEP });
    const token = await lostFactor.begin(tokenOf(request), fields.step, visit.language, visit.origin);
    if (!token) return visit.go(`${paths.recover}?stale=1`);
    cookies.set(reply, 'flow', token);
    return visit.go(paths.recover);
  });

  step(`${paths.lost}/remove`, async (request, visit, token) => {
    const fields = readFields(request.body, { step: STEP });
    const live = await journeys.store.load(token);
    const own = live ? lostFactor.losable(await journeys.store.authenticatorsOf(live.journey)) : [];
    const names = Object.fromEntries(own.map(({ id }) => [`lost-${id}`, { max: 4, optional: true }]));
    const ticked = readFields(request.body, names);
    const ids = own.map(({ id }) => id).filter((id) => ticked[`lost-${id}`] !== undefined);
    const result = await lostFactor.remove(token, fields.step, ids, visit.origin);
    return result.is === 'none' ? visit.go(`${paths.recover}?missing=1`) : result;
  });
};
