/** Where somebody goes who has just signed in: back to the request that they came for, else to their own page. */
import type { FastifyRequest } from 'fastify';
import { paths } from '../ui/paths.ts';
import type { Portal } from './portal.ts';

export const afterSignIn = ({ deps }: Pick<Portal, 'deps'>, request: FastifyRequest): string =>
  deps.cookies.read(request, 'approval') === undefined ? paths.safety : paths.approveRequest;
