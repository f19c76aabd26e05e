/** `/unlock`: the account is locked, the password is known. The same gates, and at the end one button instead of a password. */
import { readFields } from '../../http/form.ts';
import { SparekeyError } from '../../kernel/errors.ts';
import { paths } from '../../ui/paths.ts';
import { journeySteps, STEP } from '../journey-steps.tsx';
import { StartPage } from '../pages/start-page.tsx';
import type { Routes } from '../portal.ts';

const IDENTIFIER = 256;

export const unlockRoutes: Routes = (app, portal) => {
  const { journeys, unlock, directory, floor } = portal.deps;
  const { step, begun } = journeySteps(app, portal);

  app.get(paths.unlock, async (request, reply) => {
    const visit = portal.visit(request, reply);
    if (!directory.can.unlock) throw new SparekeyError('not-found');
    return visit.page(<StartPage t={visit.t} shell={visit.shell()} goal="unlock" unlock />);
  });

  app.post(paths.unlock, async (request, reply) => {
    const visit = portal.visit(request, reply);
    if (!directory.can.unlock) throw new SparekeyError('not-found');
    const { identifier } = readFields(request.body, { identifier: { max: 4_096 } });
    const again = (error: 'missing' | 'too-long', typed: string) =>
      visit.page(
        <StartPage t={visit.t} shell={visit.shell()} goal="unlock" unlock error={error} identifier={typed} />,
        422,
      );
    if (identifier.trim() === '') return again('missing', '');
    if (identifier.length > IDENTIFIER) return again('too-long', '');
    return begun(visit, reply, await floor(() => journeys.begin(identifier, visit.language, visit.origin, 'unlock')));
  });

  step('/recover/unlock', async (request, visit, token) => {
    const fields = readFields(request.body, { step: STEP });
    return unlock.unlock(token, fields.step, visit.origin);
  });
};
