/** The page for whatever went wrong outside of a journey: one sentence, what to do, a reference that the log knows. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, errorTable } from '../kernel/errors.ts';
import { paths } from '../ui/paths.ts';
import { renderPage } from '../ui/render-page.ts';
import { ErrorPage, errorStatus } from './pages/error-page.tsx';
import type { Portal } from './portal.ts';

export const errorPage =
  (portal: Portal) =>
  (
    request: FastifyRequest,
    reply: FastifyReply,
    error: { code: ErrorCode; status: number; reference: string; again: string },
  ): string => {
    const visit = portal.visit(request, reply);
    // The language links are GETs; an address that only takes a POST has no page to come back to.
    const shell = { ...visit.shell(), ...(request.method === 'GET' ? {} : { path: paths.start }) };
    return renderPage(
      <ErrorPage
        t={visit.t}
        shell={shell}
        status={errorStatus(Number(errorTable[error.code].text.slice('error.'.length)))}
        reference={error.reference}
        again={error.again}
      />,
    );
  };
