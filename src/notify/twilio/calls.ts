/**
 * Where a call at Twilio stands. Each step is one move of the kept row, so a replayed, late or doubled webhook finds another
 * stage and changes nothing, whichever node it comes to. The code leaves the row with the last word of the call.
 */
import type { JsonObject } from '../../kernel/json.ts';
import { sameText } from '../../kernel/keyring.ts';
import type { Webhook, WebhookAnswer, WebhookRequest } from '../../kernel/webhook.ts';
import type { CallbackPorts, KnownDelivery } from '../deliveries.ts';
import type { CallOutcome, VoiceCall } from '../voice-notifier.ts';
import { isSigned } from './signature.ts';
import { askForKeys, endCall, speakAgain, speakCode } from './twiml.ts';

export const CALL = 'twilio-call';
const VOICE = 'twilio/voice';
const STATUS = 'twilio/status';

/** `dialling` → `asking` → `reading` → `read` → `ended`; every stage may end. */
export type CallStage = 'dialling' | 'asking' | 'reading' | 'read' | 'ended';

const XML = 'text/xml; charset=utf-8';
const answered = (body: string): WebhookAnswer => ({ is: 'taken', type: XML, body });
const refused = (cause: string): WebhookAnswer => ({ is: 'refused', cause });

export const addressOf = (publicUrl: URL, what: 'voice' | 'status', id: string, step?: string): string =>
  new URL(`/webhooks/twilio/${what}/${id}${step === undefined ? '' : `?step=${step}`}`, publicUrl).href;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What the end of a call means that was still at that stage (CallStatus and SIP code as Twilio reports them). */
export function outcomeOfEnd(stage: string, status: string, sip: string): CallOutcome | undefined {
  if (stage === 'reading') return { is: 'answered', spoken: 'part' };
  if (stage === 'read') return { is: 'answered', spoken: 'whole' };
  if (stage === 'asking') return { is: 'declined' };
  if (status === 'busy') return sip === '603' ? { is: 'declined' } : { is: 'busy' };
  if (status === 'no-answer' || status === 'canceled') return { is: 'no-answer' };
  if (status === 'completed') return { is: 'declined' };
  if (status !== 'failed') return undefined;
  if (['404', '410', '484', '604'].includes(sip))
    return { is: 'rejected', cause: `The network knows no such number (SIP ${sip}).` };
  return { is: 'retry', cause: 'Twilio could not put the call through.' };
}

export interface CallWebhooksDeps extends CallbackPorts {
  authToken: string;
  /** ms */
  keyTimeout: number;
}

export function callWebhooks({ deliveries, publicUrl, authToken, keyTimeout }: CallWebhooksDeps): readonly Webhook[] {
  const move = (call: KnownDelivery, stage: CallStage, data: JsonObject = call.data) =>
    deliveries.move(call, { stage, data });
  const end = (call: KnownDelivery, outcome: CallOutcome) =>
    deliveries.move(call, { stage: 'ended', data: { outcome: { ...outcome } } });
  const late = refused('That step of the call was taken already; perhaps a replay.');

  const find = async ({ url, id, fields, header }: WebhookRequest): Promise<KnownDelivery | string> => {
    if (!isSigned(authToken, url, fields, header('x-twilio-signature'))) return 'The signature is missing or wrong.';
    const call = await deliveries.find(CALL, id);
    if (!call || call.stage === 'ended') return 'No such call is under way; perhaps a replay.';
    const sid = text(call.data['sid']);
    // The address is the secret of one call; with another call's id it was taken from somewhere else.
    if (sid !== '' && sid !== text(fields['CallSid'])) return 'The call is another one.';
    return call;
  };

  async function picksUp(call: KnownDelivery, fields: WebhookRequest['fields']): Promise<WebhookAnswer> {
    if (call.stage !== 'dialling') return late;
    const by = text(fields['AnsweredBy']);
    if (by.startsWith('machine') || by === 'fax')
      return (await end(call, { is: 'machine' })) ? answered(endCall()) : late;
    const data = { ...call.data, sid: text(fields['CallSid']) };
    if (!(await move(call, 'asking', data))) return late;
    const { language, organisation, key } = data as unknown as VoiceCall;
    const [pressed, silent] = ['key', 'silent'].map((step) => addressOf(publicUrl, 'voice', call.id, step));
    return answered(
      askForKeys({
        language,
        organisation,
        keys: key.length,
        timeout: Math.ceil(keyTimeout / 1_000),
        pressed: pressed ?? '',
        silent: silent ?? '',
      }),
    );
  }

  async function presses(call: KnownDelivery, fields: WebhookRequest['fields']): Promise<WebhookAnswer> {
    if (call.stage !== 'asking') return late;
    const { language, code, key } = call.data as unknown as VoiceCall;
    if (!sameText(text(fields['Digits']), key))
      return (await end(call, { is: 'wrong-key' })) ? answered(endCall()) : late;
    if (!(await move(call, 'reading'))) return late;
    return answered(speakCode(language, code, addressOf(publicUrl, 'voice', call.id, 'again')));
  }

  const voice: Webhook = {
    path: VOICE,
    async take(request) {
      const call = await find(request);
      if (typeof call === 'string') return refused(call);
      switch (new URL(request.url).searchParams.get('step')) {
        case null:
          return picksUp(call, request.fields);
        case 'key':
          return presses(call, request.fields);
        case 'silent':
          if (call.stage !== 'asking') return late;
          return (await end(call, { is: 'machine' })) ? answered(endCall()) : late;
        case 'again': {
          if (call.stage !== 'reading' || !(await move(call, 'read'))) return late;
          const { language, code } = call.data as unknown as VoiceCall;
          return answered(speakAgain(language, code));
        }
        default:
          return refused('There is no such step.');
      }
    },
  };

  const status: Webhook = {
    path: STATUS,
    async take(request) {
      const call = await find(request);
      if (typeof call === 'string') return refused(call);
      const { fields } = request;
      const outcome = outcomeOfEnd(call.stage, text(fields['CallStatus']), text(fields['SipResponseCode']));
      // Rings, is in progress: nothing to note.
      if (!['completed', 'busy', 'no-answer', 'failed', 'canceled'].includes(text(fields['CallStatus'])) || !outcome)
        return { is: 'taken' };
      return (await end(call, outcome)) ? { is: 'taken' } : late;
    },
  };
  return [voice, status];
}
