/** All pages for people, and the two files they load. */
import type { FastifyInstance } from 'fastify';
import type { Assets } from '../ui/assets.ts';
import type { Portal } from './portal.ts';
import { assetRoutes } from './routes/assets.ts';
import { changeRoutes } from './routes/change.tsx';
import { recoverRoutes } from './routes/recover.tsx';
import { safetyRoutes } from './routes/safety.tsx';
import { signInRoutes } from './routes/sign-in.tsx';
import { wayRoutes } from './routes/ways.tsx';

export function registerPortal(app: FastifyInstance, portal: Portal, assets: Assets): void {
  assetRoutes(app, assets);
  for (const routes of [recoverRoutes, signInRoutes, changeRoutes, safetyRoutes, wayRoutes]) routes(app, portal);
}
