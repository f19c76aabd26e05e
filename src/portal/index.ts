/** All pages for people, and the two files they load. */
import type { FastifyInstance } from 'fastify';
import type { Assets } from '../ui/assets.ts';
import type { Portal } from './portal.ts';
import { approveRoutes } from './routes/approve.tsx';
import { assetRoutes } from './routes/assets.ts';
import { changeRoutes } from './routes/change.tsx';
import { enrolRoutes } from './routes/enrol.tsx';
import { lostFactorRoutes } from './routes/lost-factor.tsx';
import { oidcRoutes } from './routes/oidc.tsx';
import { passkeyRoutes } from './routes/passkey.tsx';
import { ratingRoutes } from './routes/rating.tsx';
import { recoverRoutes } from './routes/recover.tsx';
import { safetyRoutes } from './routes/safety.tsx';
import { signInRoutes } from './routes/sign-in.tsx';
import { stopRoutes } from './routes/stop.tsx';
import { systemsRoutes } from './routes/systems.tsx';
import { unlockRoutes } from './routes/unlock.tsx';
import { usernameRoutes } from './routes/username.tsx';
import { wayRoutes } from './routes/ways.tsx';

export function registerPortal(app: FastifyInstance, portal: Portal, assets: Assets): void {
  assetRoutes(app, assets);
  for (const routes of [
    recoverRoutes,
    passkeyRoutes,
    unlockRoutes,
    lostFactorRoutes,
    usernameRoutes,
    stopRoutes,
    signInRoutes,
    changeRoutes,
    safetyRoutes,
    systemsRoutes,
    ratingRoutes,
    wayRoutes,
    enrolRoutes,
    oidcRoutes,
    approveRoutes,
  ])
    routes(app, portal);
}
