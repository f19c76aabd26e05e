/**
 * Sends texts through Twilio's Programmable Messaging, or a provider with the same API. One attempt per call: retries belong
 * to the outbox. What became of a text is taken from signed callbacks only, once for each text.
 */
import { type Static, Type } from 'typebox';
import { days } from '../../kernel/clock.ts';
import { createLanes } from '../../kernel/lanes.ts';
import { isE164 } from '../../kernel/phone.ts';
import { definePlugin } from '../../kernel/plugin.ts';
import { newId } from '../../kernel/random.ts';
import type { Webhook } from '../../kernel/webhook.ts';
import type { TextNotifier, TextPorts } from '../text-notifier.ts';
import { accountSettings, openAccount } from '../twilio/account.ts';
import { judgeFailure, lostCause, readAnswer } from '../twilio/judge.ts';
import { isSigned } from '../twilio/signature.ts';

const KIND = 'twilio-text';
const PATH = 'twilio/status';
/** No network tries longer to bring a text to a phone. */
const RECEIPTS_FOR = days(2);

const configSchema = Type.Object(
  {
    ...accountSettings,
    from: Type.Optional(
      Type.String({
        pattern: '^(\\+[1-9][0-9]{1,14}|[0-9]{3,8}|[A-Za-z0-9 ]{1,11})$',
        description: 'Number, short code or name that texts come from.',
        examples: ['+15005550006'],
      }),
    ),
    messagingServiceSid: Type.Optional(
      Type.String({ pattern: '^[A-Za-z0-9-]{10,64}$', description: 'Messaging service, instead of `from`.' }),
    ),
    receipts: Type.Boolean({
      default: true,
      description: 'Whether Twilio tells us at `publicUrl` what became of a text. Needs authToken.',
    }),
    connections: Type.Integer({ minimum: 1, maximum: 100, default: 10, description: 'Requests at the same time.' }),
  },
  { additionalProperties: false },
);
export type TwilioTextConfig = Static<typeof configSchema>;

const SENT = /^(SM|MM)[0-9a-f]{32}$/;

function openTwilio(config: TwilioTextConfig, { clock, onReceipt, callbacks }: TextPorts): TextNotifier {
  const { from, messagingServiceSid, authToken } = config;
  if ((from === undefined) === (messagingServiceSid === undefined))
    throw new Error('from: give either from or messagingServiceSid.');
  const account = openAccount(config, () => clock.now());
  const lanes = createLanes(config.connections);
  const sender = from === undefined ? { MessagingServiceSid: messagingServiceSid ?? '' } : { From: from };
  const told = config.receipts && authToken !== undefined ? callbacks : undefined;

  /** Kept before the text leaves: the first callback may overtake the answer. */
  async function callback(job: string): Promise<Record<string, string>> {
    if (!told) return {};
    const id = newId();
    const expiresAt = clock.now() + RECEIPTS_FOR;
    await told.deliveries.open({ id, kind: KIND, job, stage: 'sent', data: {}, expiresAt });
    return { StatusCallback: new URL(`/webhooks/${PATH}/${id}`, told.publicUrl).href };
  }

  const status: Webhook = {
    path: PATH,
    async take({ url, id, fields, header }) {
      if (!told || authToken === undefined || !isSigned(authToken, url, fields, header('x-twilio-signature')))
        return { is: 'refused', cause: 'The signature is missing or wrong.' };
      const found = await told.deliveries.find(KIND, id);
      if (found?.stage !== 'sent') return { is: 'refused', cause: 'No such text is under way; perhaps a replay.' };
      const now = fields['MessageStatus'];
      const lost = now === 'undelivered' || now === 'failed';
      if (!lost && now !== 'delivered' && now !== 'read') return { is: 'taken' };
      if (!(await told.deliveries.move(found, { stage: 'settled', data: {} })))
        return { is: 'refused', cause: 'It was told twice at the same moment.' };
      const { job: idempotencyKey } = found;
      if (lost) onReceipt?.({ is: 'lost', idempotencyKey, cause: lostCause(String(fields['ErrorCode'] ?? '')) });
      else onReceipt?.({ is: 'received', idempotencyKey });
      return { is: 'taken' };
    },
  };

  return {
    async deliver({ idempotencyKey, to, text }) {
      if (!isE164(to)) return { is: 'rejected', cause: 'The number is not one that can be sent to.' };
      const form = { To: to, Body: text, ...sender, ...(await callback(idempotencyKey)) };
      const asked = await lanes(() => account.post('/Messages.json', form));
      if (asked.is === 'failed') return { is: 'retry', cause: `${asked.cause} ${asked.key}: ${asked.fix}` };
      const { answer } = asked;
      const read = answer.status === 200 || answer.status === 201 ? readAnswer(answer.body) : undefined;
      if (read?.code === undefined && SENT.test(read?.sid ?? '')) return { is: 'delivered' };
      return judgeFailure(answer, clock.now());
    },
    check: () => account.check(),
    async close() {},
    ...(told ? { webhooks: [status] } : {}),
  };
}

export const twilioTexts = definePlugin({
  id: 'twilio',
  summary: 'Sends texts through Twilio, or a provider with the same API.',
  configSchema,
  open: openTwilio,
});
