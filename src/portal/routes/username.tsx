/** `/username`: the answer goes to the address that was typed, or nowhere; the page says the same in both cases. */
import { readFields } from '../../http/form.ts';
import { paths } from '../../ui/paths.ts';
import { OutcomePage } from '../pages/outcome-page.tsx';
import { UsernamePage } from '../pages/username-page.tsx';
import type { Routes } from '../portal.ts';

/** Only what can't be an address at all: the mail server knows the rest. */
const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/u;

export const usernameRoutes: Routes = (app, portal) => {
  const { usernames, floor } = portal.deps;

  app.get(paths.username, async (request, reply) => {
    const visit = portal.visit(request, reply);
    return visit.page(<UsernamePage t={visit.t} shell={visit.shell()} />);
  });

  app.post(paths.username, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const { address } = readFields(request.body, { address: { max: 254 } });
    const typed = address.trim();
    if (!ADDRESS.test(typed)) {
      const error = typed === '' ? 'missing' : 'invalid';
      return visit.page(<UsernamePage t={visit.t} shell={visit.shell()} address={typed} error={error} />, 422);
    }
    const result = await floor(() => usernames.remind(typed, visit.language, visit.origin));
    if (result.is === 'asked')
      return visit.page(<OutcomePage t={visit.t} shell={visit.shell()} outcome={{ is: 'username-asked' }} />);
    const seconds = portal.secondsUntil(result.until);
    reply.header('retry-after', seconds);
    return visit.page(<OutcomePage t={visit.t} shell={visit.shell()} outcome={{ is: 'too-many', seconds }} />, 429);
  });
};
