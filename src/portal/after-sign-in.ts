/** Where somebody goes who has just signed in: back to the page or the request that they came for, else to their own page. */
import type { FastifyRequest } from 'fastify';
import { paths } from '../ui/paths.ts';
import type { Portal } from './portal.ts';

const CONSOLE = /^\/console(\/[\w.-]{1,64}){0,6}$/;

export function afterSignIn({ deps }: Pick<Portal, 'deps'>, request: FastifyRequest): string {
  if (deps.cookies.read(request, 'approval') !== undefined) return paths.approveRequest;
  const next = deps.cookies.read(request, 'next');
  if (next !== undefined && CONSOLE.test(next)) return next;
  return deps.cookies.read(request, 'back') === undefined ? paths.safety : paths.enrol;
}
