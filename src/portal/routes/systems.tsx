/** Where the new password has arrived: after a journey for whoever ended it, later for whoever is signed in. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OwnSystem } from '../../flow/own-systems.ts';
import { minutes } from '../../kernel/clock.ts';
import { paths } from '../../ui/paths.ts';
import { wantsJson } from '../pages/new-password-answer.ts';
import { settled, systemText } from '../pages/own-systems.tsx';
import { SystemsPage } from '../pages/systems-page.tsx';
import type { Routes, Visit } from '../portal.ts';
import { signedIn } from './safety.tsx';

/** After this, whoever wants to know signs in. */
const SHOWN = minutes(30);

const json = (visit: Visit, systems: readonly OwnSystem[]) => ({
  settled: settled(systems),
  systems: systems.map((system) => ({ id: system.id, is: system.is, text: systemText(visit.t, system) })),
});

export const systemsRoutes: Routes = (app, portal) => {
  const { journeys, ownSystems, cookies, clock, signInUrl } = portal.deps;

  const accountOf = async (request: FastifyRequest): Promise<string | undefined> => {
    const live = await journeys.store.load(cookies.read(request, 'outcome') ?? '');
    if (live?.journey.state.at !== 'done' || clock.now() > live.seenAt + SHOWN) return undefined;
    return live.journey.account?.id;
  };

  app.get(paths.systems, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const account = await accountOf(request);
    const systems = account === undefined ? [] : await ownSystems.of(account);
    if (wantsJson(request)) return reply.send(json(visit, systems));
    if (systems.length === 0) return visit.go(paths.start);
    if (!settled(systems)) visit.lookAgain();
    return visit.page(
      <SystemsPage t={visit.t} shell={visit.shell()} systems={systems} url={paths.systems} signInUrl={signInUrl} />,
    );
  });

  app.get(
    paths.ownSystems,
    signedIn(portal, async (visit, person, request, reply): Promise<FastifyReply> => {
      if (!wantsJson(request)) return visit.go(paths.safety);
      return reply.send(json(visit, await ownSystems.of(person.account.id)));
    }),
  );
};
