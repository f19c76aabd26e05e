/**
 * One call from dialling to hanging up. The code is spoken only after the first key that was pressed turned out to be the
 * right one: a voicemail box, a wrong key or a recorded row of tones ends the call with nothing said (A15).
 */
import type { CallOutcome, VoiceCall } from '../voice-notifier.ts';
import { type Baresip, startBaresip } from './baresip.ts';
import type { BaresipEvent } from './control.ts';
import type { SipConfig } from './sip-settings.ts';
import { lengthOf, type Reading, type Speech, silence } from './speech.ts';

const PAUSE_BETWEEN_GREETINGS = 2_500;

/** What the end of a call before it was answered means (RFC 3261 §21). */
export function outcomeOfRefusal(reason: string): CallOutcome {
  const status = Number(/^\d{3}/.exec(reason)?.[0] ?? 0);
  if (status === 486 || status === 600) return { is: 'busy' };
  if (status === 603 || status === 607) return { is: 'declined' };
  if ([408, 480, 487].includes(status)) return { is: 'no-answer' };
  if ([404, 410, 414, 416, 484, 604].includes(status)) {
    return { is: 'rejected', cause: `The telephone system knows no such number (SIP ${status}).` };
  }
  if ([401, 403, 407].includes(status)) {
    return {
      is: 'retry',
      after: 60_000,
      cause: `The telephone system refuses us (SIP ${status}). password: check it and the right to call outside.`,
    };
  }
  const said = status === 0 ? 'without a status' : `SIP ${status}`;
  return { is: 'retry', cause: `The telephone system ended the call (${said}).` };
}

/** Greeting, pause, greeting, and silence until nobody waits any more. */
export const greetingTrack = (greeting: Buffer, keyTimeout: number): Buffer => {
  const twice = Buffer.concat([silence(500), greeting, silence(PAUSE_BETWEEN_GREETINGS), greeting]);
  return Buffer.concat([twice, silence(Math.max(2_000, keyTimeout + 5_000 - lengthOf(twice)))]);
};

type Stage = { is: 'dialling' } | { is: 'waiting-for-key' } | { is: 'reading'; since: number; reading: Reading };

export interface RunningCall {
  outcome: Promise<CallOutcome>;
  /** Ends the call at once. */
  abort(): void;
}

export function placeCall(config: SipConfig, speech: Speech, call: VoiceCall): RunningCall {
  const done = Promise.withResolvers<CallOutcome>();
  let stage: Stage = { is: 'dialling' };
  let pressed = '';
  let timer: NodeJS.Timeout | undefined;
  let baresip: Baresip | undefined;

  const after = (ms: number, outcome: CallOutcome): void => {
    clearTimeout(timer);
    timer = setTimeout(() => done.resolve(outcome), ms);
  };
  const broken = (): CallOutcome => ({
    is: 'retry',
    cause: 'The calling program (baresip) stopped in the middle of the call.',
  });
  const read = (): CallOutcome => {
    if (stage.is !== 'reading') return { is: 'declined' };
    return { is: 'answered', spoken: performance.now() - stage.since >= stage.reading.firstEndsAt ? 'whole' : 'part' };
  };

  async function answered(greeting: Buffer): Promise<void> {
    stage = { is: 'waiting-for-key' };
    after(config.keyTimeout, { is: 'machine' });
    if (!(await baresip?.play(greeting))) done.resolve(broken());
  }
  async function onKey(digit: string, reading: Reading): Promise<void> {
    if (stage.is !== 'waiting-for-key') return;
    pressed += digit;
    if (!call.key.startsWith(pressed)) return done.resolve({ is: 'wrong-key' });
    if (pressed !== call.key) return;
    stage = { is: 'reading', since: performance.now(), reading };
    after(lengthOf(reading.sound), { is: 'answered', spoken: 'whole' });
    if (!(await baresip?.play(reading.sound))) done.resolve(broken());
  }
  const fail = (error: unknown): void => done.resolve({ is: 'retry', cause: causeOf(error) });

  async function run(): Promise<CallOutcome> {
    // Before anything rings: what can't be spoken must not wake anybody.
    const greeting = greetingTrack(await speech.greeting(call.language, call.organisation), config.keyTimeout);
    const reading = await speech.code(call.language, call.code);
    const onEvent = ({ type, param }: BaresipEvent): void => {
      if (type === 'CALL_RINGING' || type === 'CALL_PROGRESS') {
        if (stage.is === 'dialling') after(config.ringTimeout, { is: 'no-answer' });
      } else if (type === 'CALL_ESTABLISHED') answered(greeting).catch(fail);
      else if (type === 'CALL_DTMF_START') onKey(param, reading).catch(fail);
      else if (type === 'CALL_CLOSED') done.resolve(stage.is === 'dialling' ? outcomeOfRefusal(param) : read());
    };
    baresip = await startBaresip(config, { onEvent, onLost: () => done.resolve(broken()) });
    const silent = 'The telephone system does not answer. server: check name, port, transport and the firewall.';
    after(config.connectTimeout, { is: 'retry', cause: silent });
    const target = `sip:${config.dialPrefix}${call.to.slice(1)}@${config.server};transport=${config.transport}`;
    const { ok } = await baresip.control.command('dial', target);
    if (!ok) done.resolve({ is: 'retry', cause: 'The number could not be dialled. server: check name and address.' });
    return done.promise;
  }

  const outcome = run()
    .catch((error: unknown): CallOutcome => ({ is: 'retry', cause: causeOf(error) }))
    .finally(async () => {
      clearTimeout(timer);
      await baresip?.stop();
    });
  return { outcome, abort: () => done.resolve({ is: 'retry', cause: 'Sparekey is stopping.' }) };
}

/** Names the program and not the error, whose text may hold arguments. */
export function causeOf(error: unknown): string {
  const { program } = error as { program?: unknown };
  return typeof program === 'string'
    ? `The program ${program} failed. Is its Debian package installed (baresip-core, espeak-ng, sox)?`
    : 'The call could not be prepared.';
}
