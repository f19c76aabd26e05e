/**
 * Routes for what providers call back. Forms from elsewhere, so no CSRF token protects them: each is taken only by who can
 * verify it, and everything else is answered 403 with one line in the log. The audit stays out of it, or strangers could fill it.
 */
import type { FastifyInstance } from 'fastify';
import type { Webhook, WebhookAnswer } from '../kernel/webhook.ts';

export const WEBHOOKS = '/webhooks';

export function webhookRoutes(app: FastifyInstance, publicUrl: URL, webhooks: readonly Webhook[]): void {
  for (const [path, takers = []] of Map.groupBy(webhooks, (webhook) => webhook.path)) {
    app.post(`${WEBHOOKS}/${path}/:id`, { config: { signed: true } }, async (request, reply) => {
      const received = {
        url: `${publicUrl.origin}${request.url}`,
        id: (request.params as { id: string }).id,
        fields: (request.body ?? {}) as Record<string, unknown>,
        header: (name: string) => {
          const value = request.headers[name];
          return typeof value === 'string' ? value : undefined;
        },
      };
      const causes: string[] = [];
      // Two senders of one kind share the address; a wrong signature has no side effect, so the next one may look at it.
      for (const webhook of takers) {
        const answer: WebhookAnswer = await webhook.take(received);
        if (answer.is === 'taken') {
          if (answer.body === undefined) return reply.code(204).send();
          return reply.type(answer.type ?? 'text/plain; charset=utf-8').send(answer.body);
        }
        causes.push(answer.cause);
      }
      request.log.warn({ webhook: path, cause: [...new Set(causes)].join(' ') }, 'A webhook was refused.');
      return reply.code(403).type('text/plain; charset=utf-8').send('Refused.');
    });
  }
}
