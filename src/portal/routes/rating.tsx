/** `/recover/rating`: the one tap after a recovery or unlock. Answered alike whether or not it counts. */
import { isStars } from '../../flow/rating.ts';
import { readFields } from '../../http/form.ts';
import { paths } from '../../ui/paths.ts';
import { RatedPage } from '../pages/rated-page.tsx';
import type { Routes } from '../portal.ts';

export const ratingRoutes: Routes = (app, portal) => {
  const { journeys, ratings, cookies, signInUrl } = portal.deps;

  app.post(paths.rating, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const stars = Number(readFields(request.body, { stars: { max: 1 } }).stars);
    const live = await journeys.store.load(cookies.read(request, 'outcome') ?? '');
    if (isStars(stars)) await ratings.rate(live, stars);
    return visit.page(<RatedPage t={visit.t} shell={visit.shell()} signInUrl={signInUrl} />);
  });
};
