/**
 * What an answer of Twilio's API means. Only what is about this number or message is final; what the operator can repair is
 * tried again, so that another sender may still be in time. No cause repeats what Twilio said beyond its own error code.
 */
import { seconds } from '../../kernel/clock.ts';
import type { Answer } from '../../outbound/exchange.ts';
import { pauseOf } from '../../outbound/retry-after.ts';
import type { DeliveryOutcome } from '../notifier.ts';

type Failure = Exclude<DeliveryOutcome, { is: 'delivered' }>;

/** About this number or message: no attempt and no other sender will do. */
const FINAL: Record<number, string> = {
  13223: 'it is not a number that can be called',
  13224: 'it is not a number that can be called',
  21211: 'it is not a phone number',
  21214: 'the number can not be reached',
  21217: 'it is not a phone number',
  21421: 'it is not a phone number',
  21610: 'its owner opted out of texts (STOP)',
  21612: 'this sender can not reach the number',
  21614: 'the number can not get texts',
  30003: 'the phone is off or out of reach',
  30004: 'the number blocks texts',
  30005: 'the number does not exist any more',
  30006: 'it is a landline, or its network takes no texts',
  30007: 'the network took it for spam',
};

/** For the operator: cause, and the key to look at. */
const OURS: Record<number, string> = {
  20003: 'it does not accept the sign-in. authToken, apiKeySecret: check them and accountSid.',
  20005: 'the account is not active. accountSid: look at it in the console.',
  20008: 'these are test credentials. authToken: use the live ones.',
  20404: 'it does not know the account. accountSid: check it.',
  21210: 'the caller is not a number of this account. from: verify or buy it.',
  21212: 'it does not accept the sender. from: use a number of this account in international form.',
  21215: 'calls to this country are not allowed. Allow it in the voice geographic permissions of the account.',
  21219: 'a trial account reaches verified numbers only. Upgrade the account.',
  21408: 'texts to this country are not allowed. Allow it in the messaging geographic permissions of the account.',
  21603: 'it misses the sender. from, messagingServiceSid: set one of both.',
  21606: 'the sender can not send texts. from: use a number of this account that can.',
  21608: 'a trial account reaches verified numbers only. Upgrade the account.',
  21609: 'it does not accept the address of our webhook. publicUrl: must be reachable from the internet.',
  21205: 'it does not accept the address of our webhook. publicUrl: must be reachable from the internet.',
  21659: 'the sender is not a number of this account. from: check it.',
  21660: 'the sender is a number of another account. from: check it.',
  21701: 'it does not know the messaging service. messagingServiceSid: check it.',
  21703: 'the messaging service has no sender. Add a number to it.',
  30002: 'the account is suspended. Look at it in the console.',
  30034: 'the sender is not registered for this country. Register it, or use another one.',
};

const LATER = new Set([14107, 20429, 21611, 30001, 30008, 30022]);
const WHEN_OURS = seconds(60);

export interface TwilioAnswer {
  sid?: string;
  status?: string;
  type?: string;
  code?: number;
}

export function readAnswer(body: string): TwilioAnswer | undefined {
  let read: unknown;
  try {
    read = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof read !== 'object' || read === null) return undefined;
  const { sid, status, type, code, error_code: late } = read as Record<string, unknown>;
  const number = code ?? late;
  return {
    ...(typeof sid === 'string' ? { sid } : {}),
    ...(typeof status === 'string' ? { status } : {}),
    ...(typeof type === 'string' ? { type } : {}),
    // Five digits, so that it can't be a code of ours.
    ...(typeof number === 'number' && /^[1-9]\d{4}$/.test(String(number)) ? { code: number } : {}),
  };
}

/** What a delivery code of a text says, for the audit. */
export const lostCause = (code: string): string => {
  const known = FINAL[Number(code)] ?? OURS[Number(code)];
  const number = /^[1-9]\d{4}$/.test(code) ? `Twilio ${code}` : 'Twilio gave no code';
  return known === undefined ? `${number}.` : `${number}: ${known}`;
};

export function judgeFailure({ status, body, retryAfter }: Answer, now: number): Failure {
  const { code } = readAnswer(body) ?? {};
  const said = code === undefined ? `status ${status}` : `status ${status}, error ${code}`;
  const asked = pauseOf(retryAfter, now);
  const retry = (cause: string, after = asked): Failure => ({
    is: 'retry',
    ...(after === undefined ? {} : { after }),
    cause,
  });
  if (code !== undefined && LATER.has(code)) return retry(`Twilio asks to try later (${said}).`);
  const ours = code === undefined ? undefined : OURS[code];
  if (ours !== undefined) return retry(`Twilio refuses us (${said}): ${ours}`, asked ?? WHEN_OURS);
  const final = code === undefined ? undefined : FINAL[code];
  if (final !== undefined) return { is: 'rejected', cause: `Twilio refuses the number (${said}): ${final}.` };
  if (status === 429 || status === 408 || status >= 500) return retry(`Twilio asks to try later (${said}).`);
  if (status === 401 || status === 402 || status === 403)
    return retry(`Twilio refuses us (${said}): ${OURS[20003]}`, asked ?? WHEN_OURS);
  if (status >= 300 && status < 400)
    return retry(`Twilio sends us elsewhere (${said}), which is not followed. apiUrl: check it.`, WHEN_OURS);
  if (status < 300) return retry(`Twilio's answer is not one that we know (${said}). apiUrl: check it.`);
  return { is: 'rejected', cause: `Twilio refuses the message (${said}).` };
}
