/** Routes of the demo's pages. The mail itself is shown in a sandboxed frame with a policy of its own. */
import type { FastifyInstance } from 'fastify';
import { readFields } from '../http/form.ts';
import type { KeptMessage } from '../notify/demo-inbox.ts';
import { DemoInboxPage, type DemoMail } from '../portal/pages/demo-inbox-page.tsx';
import { DemoMessagePage } from '../portal/pages/demo-message-page.tsx';
import { DemoPage, type DemoPass, type DemoPerson } from '../portal/pages/demo-page.tsx';
import { isMethodId } from '../portal/pages/method-look.ts';
import type { Portal, Visit } from '../portal/portal.ts';
import { paths } from '../ui/paths.ts';

export interface DemoData {
  people(visit: Visit): Promise<DemoPerson[]>;
  messages(): DemoMail[];
  message(id: string): KeptMessage;
  /** The newest pass that the demo's help desk issued, or why it did not. */
  pass(): DemoPass | undefined;
  issue(username: string): Promise<void>;
}

/** No script, no form, nothing from elsewhere: inline styles only, as a mail has them. */
const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation";

export function demoPages(app: FastifyInstance, portal: Portal, data: DemoData): void {
  app.get(paths.demo, async (request, reply) => {
    const visit = portal.visit(request, reply);
    return visit.page(
      <DemoPage
        t={visit.t}
        shell={visit.shell()}
        people={await data.people(visit)}
        ways={[...portal.deps.methods.keys()].filter(isMethodId)}
        pass={data.pass()}
      />,
    );
  });

  app.post(paths.demoPass, async (request, reply) => {
    await data.issue(readFields(request.body, { username: { max: 60 } }).username);
    return portal.visit(request, reply).go(`${paths.demo}#pass`);
  });

  app.get(paths.demoInbox, async (request, reply) => {
    const visit = portal.visit(request, reply);
    return visit.page(<DemoInboxPage t={visit.t} shell={visit.shell()} messages={data.messages()} />);
  });

  app.get(`${paths.demoInbox}/:id`, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const { idempotencyKey: id, to, subject, at, text } = data.message((request.params as { id: string }).id);
    const policy = String(reply.getHeader('content-security-policy'));
    reply.header('content-security-policy', `${policy};frame-src 'self'`);
    return visit.page(
      <DemoMessagePage
        t={visit.t}
        shell={visit.shell()}
        message={{ id, to, subject, at, text }}
        htmlUrl={`${paths.demoInbox}/${id}/html`}
      />,
    );
  });

  app.get(`${paths.demoInbox}/:id/html`, async (request, reply) => {
    const { html } = data.message((request.params as { id: string }).id);
    reply.headers({ 'content-security-policy': MAIL_POLICY, 'x-frame-options': 'SAMEORIGIN' });
    // The mail's links open the real page, not a page inside the frame.
    return reply.type('text/html; charset=utf-8').send(html.replace('<head>', '<head><base target="_top">'));
  });
}
