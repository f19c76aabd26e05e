/**
 * Calls phones through Twilio, or a provider with the same voice API. What happens in the call is told by signed webhooks, to
 * whichever node; the node that placed it waits for its end. The code is spoken only to somebody who pressed the right key.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Static, Type } from 'typebox';
import { seconds } from '../../kernel/clock.ts';
import { isE164 } from '../../kernel/phone.ts';
import { definePlugin } from '../../kernel/plugin.ts';
import { newId } from '../../kernel/random.ts';
import { Duration } from '../../kernel/setting.ts';
import type { KnownDelivery } from '../deliveries.ts';
import { accountSettings, openAccount } from '../twilio/account.ts';
import { addressOf, CALL, callWebhooks, outcomeOfEnd } from '../twilio/calls.ts';
import { judgeFailure, readAnswer } from '../twilio/judge.ts';
import type { CallOutcome, VoiceCall, VoiceNotifier, VoicePorts } from '../voice-notifier.ts';

/** Longest that the digits take, twice, in any language, with the answering machine's detection before. */
const SPEAKING = seconds(90);
const WHEN_ALL_LINES_ARE_BUSY = seconds(10);

const configSchema = Type.Object(
  {
    ...accountSettings,
    from: Type.String({
      pattern: '^\\+[1-9][0-9]{1,14}$',
      description: 'Number of the account that calls come from.',
      examples: ['+15005550006'],
    }),
    ringTimeout: Duration({
      default: '30 s',
      duration: { min: '1 s', max: '1 min' },
      description: 'How long it rings.',
    }),
    keyTimeout: Duration({
      default: '10 s',
      duration: { min: '1 s', max: '30 s' },
      description: 'How long the key is waited for after the greeting was said twice.',
    }),
    detectMachines: Type.Boolean({
      default: true,
      description: 'Has Twilio tell voicemail boxes apart. They get no code in any case: they press no key.',
    }),
    pollInterval: Duration({
      default: '500 ms',
      duration: { min: '10 ms', max: '5 s' },
      description: 'How often the waiting node looks for the end of a call that another node was told of.',
    }),
    calls: Type.Integer({ minimum: 1, maximum: 50, default: 4, description: 'Calls at the same time, per node.' }),
  },
  { additionalProperties: false },
);
export type TwilioCallConfig = Static<typeof configSchema>;

const PLACED = /^CA[0-9a-f]{32}$/;

function openTwilioCalls(config: TwilioCallConfig, { clock, callbacks }: VoicePorts): VoiceNotifier {
  const { authToken, ringTimeout, keyTimeout } = config;
  if (authToken === undefined) throw new Error('authToken: needed, because what Twilio calls back is signed with it.');
  const account = openAccount(config, () => clock.now());
  const longest = ringTimeout + keyTimeout + SPEAKING;
  const stopping = new AbortController();
  let running = 0;
  if (!callbacks) {
    // As `sparekey check` opens it: nobody could call back.
    const cause = 'Calls need the server.';
    return { call: async () => ({ is: 'retry', cause }), check: () => account.check(), async close() {} };
  }
  const { deliveries, publicUrl } = callbacks;

  async function end(call: KnownDelivery, outcome: CallOutcome): Promise<CallOutcome> {
    await deliveries.move(call, { stage: 'ended', data: { outcome: { ...outcome } } });
    return outcome;
  }

  /** Until somebody tells how it ended, or it must have ended. */
  async function waitFor(id: string): Promise<CallOutcome> {
    const silent = 'Twilio told nothing about the call. publicUrl: must be reachable from the internet.';
    let stage = 'dialling';
    for (;;) {
      const call = await deliveries.find(CALL, id);
      if (call?.stage === 'ended') return call.data['outcome'] as unknown as CallOutcome;
      // The word of its end got lost: what was heard before counts.
      if (!call) return outcomeOfEnd(stage, '', '') ?? { is: 'retry', cause: silent };
      stage = call.stage;
      if (stopping.signal.aborted) return { is: 'retry', cause: 'Sparekey is stopping.' };
      await sleep(config.pollInterval, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  async function place({ idempotencyKey: job, ...call }: VoiceCall): Promise<CallOutcome> {
    // A node that died or stopped placed it already: ringing twice would help nobody.
    const before = await deliveries.findByJob(CALL, job);
    if (before && before.stage !== 'ended') return waitFor(before.id);
    const id = newId();
    const { language, organisation, key, code } = call;
    const data = { language, organisation, key, code };
    await deliveries.open({ id, kind: CALL, job, stage: 'dialling', data, expiresAt: clock.now() + longest });
    const asked = await account.post('/Calls.json', {
      To: call.to,
      From: config.from,
      Url: addressOf(publicUrl, 'voice', id),
      Method: 'POST',
      StatusCallback: addressOf(publicUrl, 'status', id),
      StatusCallbackMethod: 'POST',
      Timeout: String(Math.ceil(ringTimeout / 1_000)),
      TimeLimit: String(Math.ceil(longest / 1_000)),
      ...(config.detectMachines ? { MachineDetection: 'Enable' } : {}),
    });
    const opened = { id, version: 1 } as KnownDelivery;
    if (asked.is === 'failed') return end(opened, { is: 'retry', cause: `${asked.cause} ${asked.key}: ${asked.fix}` });
    const { answer } = asked;
    const read = answer.status === 200 || answer.status === 201 ? readAnswer(answer.body) : undefined;
    if (!PLACED.test(read?.sid ?? '')) return end(opened, judgeFailure(answer, clock.now()));
    return waitFor(id);
  }

  return {
    async call(call) {
      if (!isE164(call.to)) return { is: 'rejected', cause: 'The number is not one that can be called.' };
      if (!/^\d{1,4}$/.test(call.key) || !/^\d{4,12}$/.test(call.code))
        return { is: 'rejected', cause: 'Only digits can be pressed and spoken.' };
      if (stopping.signal.aborted) return { is: 'retry', cause: 'Sparekey is stopping.' };
      if (running >= config.calls)
        return {
          is: 'retry',
          after: WHEN_ALL_LINES_ARE_BUSY,
          cause: 'All lines are in use. calls: allow more at the same time.',
        };
      running += 1;
      try {
        return await place(call);
      } finally {
        running -= 1;
      }
    },
    check: () => account.check(),
    async close() {
      stopping.abort();
    },
    webhooks: callWebhooks({ deliveries, publicUrl, authToken, keyTimeout }),
  };
}

export const twilioCalls = definePlugin({
  id: 'twilio',
  summary: 'Calls phones through Twilio, or a provider with the same voice API, and speaks the code.',
  configSchema,
  open: openTwilioCalls,
});
