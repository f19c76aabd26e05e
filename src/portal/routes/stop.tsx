/** `/stop`: "it wasn't me". A GET only shows the button; the value of the message is posted once. */
import { readFields } from '../../http/form.ts';
import { paths } from '../../ui/paths.ts';
import { OutcomePage } from '../pages/outcome-page.tsx';
import { StopPage } from '../pages/stop-page.tsx';
import type { Routes } from '../portal.ts';

export const stopRoutes: Routes = (app, portal) => {
  const { stop, cookies } = portal.deps;

  app.get(paths.stop, async (request, reply) => {
    const visit = portal.visit(request, reply);
    return visit.page(<StopPage t={visit.t} shell={visit.shell()} />);
  });

  app.post(paths.stop, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const { token } = readFields(request.body, { token: { max: 1_000 } });
    // Without script the whole link is pasted.
    const value = token.trim().replace(/^.*#/, '');
    const result = await stop.stop(value, visit.origin);
    if (result.is === 'stopped') cookies.clear(reply, 'flow');
    return visit.page(
      <OutcomePage
        t={visit.t}
        shell={visit.shell()}
        outcome={{ is: result.is === 'unknown' ? 'stop-unknown' : 'stopped' }}
      />,
      result.is === 'unknown' ? 410 : 200,
    );
  });
};
