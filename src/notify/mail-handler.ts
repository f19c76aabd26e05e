/** The outbox's `mail` job: renders a template in the reader's language and hands it to the sender, again until it is gone. */
import type { JsonObject } from '../kernel/json.ts';
import type { MailNotifier } from './notifier.ts';
import { type Brand, type RenderedMail, renderStoredMail } from './templates/index.ts';

/** As the outbox understands it; notify does not know the outbox. */
type Delivered = { is: 'done' } | { is: 'retry'; after?: number; cause: string } | { is: 'dead'; reason: string };

export const createMailHandler =
  (notifier: MailNotifier, brand: Brand) =>
  async ({ id, payload }: { id: string; payload: JsonObject }): Promise<Delivered> => {
    const language = String(payload['language']);
    const stored = { template: String(payload['template']), language, values: payload['values'] as JsonObject };
    let mail: RenderedMail;
    try {
      mail = renderStoredMail(stored, brand);
    } catch (error) {
      // A bug of ours, which no retry repairs. The message never repeats the values.
      return { is: 'dead', reason: error instanceof Error ? error.message : 'The mail could not be rendered.' };
    }
    const outcome = await notifier.deliver({ idempotencyKey: id, to: String(payload['to']), language, ...mail });
    if (outcome.is === 'delivered') return { is: 'done' };
    return outcome.is === 'rejected' ? { is: 'dead', reason: outcome.cause } : outcome;
  };
