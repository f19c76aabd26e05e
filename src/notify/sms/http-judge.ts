/**
 * What a gateway's answer means. What an operator can repair (sign-in, credit, redirect) is tried again, because another
 * attempt or another gateway may still be in time; only an answer about this message is final. No cause repeats a digit of
 * what the gateway said: it may be the code or the number.
 */
import { seconds } from '../../kernel/clock.ts';
import type { Answer } from '../../outbound/exchange.ts';
import { pauseOf } from '../../outbound/retry-after.ts';
import type { DeliveryOutcome } from '../notifier.ts';
import type { HttpGatewayConfig } from './http-settings.ts';

const LONGEST_REPLY = 120;
const OURS = new Set([401, 402, 403, 407]);
const LATER = new Set([408, 425, 429]);

/** Base64 of a code has capitals in its middle; no word does. */
const WORD = /^(?:[\p{L}\p{M}]?[\p{Ll}\p{Lo}\p{M}]{0,19}|\p{Lu}{2,7})$/u;

/** Words only: whatever else could be code, number, key or an encoding of them. */
export function safeWords(reply: string, hidden: readonly string[] = []): string {
  const pieces = reply.slice(0, 2_000).split(/[^\p{L}\p{M}\p{N}]+/u);
  const secret = hidden.map((text) => text.toLowerCase());
  const repeats = (word: string): boolean =>
    word.length > 3 && secret.some((text) => text.includes(word.toLowerCase()));
  const words = pieces
    .filter((piece) => piece !== '')
    .map((piece) => (WORD.test(piece) && !repeats(piece) ? piece : '…'));
  return words
    .join(' ')
    .replace(/…( …)+/g, '…')
    .slice(0, LONGEST_REPLY);
}

/** RFC 6901. */
export function atPointer(body: string, pointer: string): unknown {
  let node: unknown;
  try {
    node = JSON.parse(body);
  } catch {
    return undefined;
  }
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    node = (node as Record<string, unknown>)[key];
  }
  return node;
}

type Rule = Pick<HttpGatewayConfig, 'okStatus' | 'okText' | 'okPointer' | 'okValue'>;

/** What is missing, or undefined when the answer says: accepted. */
function missing(rule: Rule, body: string): string | undefined {
  if (rule.okText !== undefined && !body.includes(rule.okText)) return 'okText';
  if (rule.okPointer === undefined) return undefined;
  const found = atPointer(body, rule.okPointer);
  if (rule.okValue === undefined) return found === undefined || found === null ? 'okPointer' : undefined;
  return typeof found !== 'object' && String(found) === rule.okValue ? undefined : 'okValue';
}

export function judge(answer: Answer, rule: Rule, now: number, hidden: readonly string[]): DeliveryOutcome {
  const { status, body, retryAfter } = answer;
  const words = safeWords(body, hidden);
  const said = words === '' ? `status ${status}` : `status ${status}: ${words}`;
  const after = pauseOf(retryAfter, now);
  const retry = (cause: string, pause = after): DeliveryOutcome => ({
    is: 'retry',
    ...(pause === undefined ? {} : { after: pause }),
    cause,
  });
  if (rule.okStatus.includes(status)) {
    const key = missing(rule, body);
    return key === undefined
      ? { is: 'delivered' }
      : retry(
          `The gateway's answer does not say that it took the message (${said}). ${key}: compare it with the answer.`,
        );
  }
  if (LATER.has(status) || status >= 500) return retry(`The gateway asks to try later (${said}).`);
  if (OURS.has(status))
    return retry(`The gateway refuses us (${said}). password, token: check sign-in and credit.`, after ?? seconds(60));
  if (status >= 300 && status < 400)
    return retry(
      `The gateway sends us elsewhere (${said}), which is not followed. url: name the final address.`,
      seconds(60),
    );
  if (status < 300) return retry(`The gateway answered with ${said}. okStatus: list it if it means accepted.`);
  return { is: 'rejected', cause: `The gateway refuses the message (${said}).` };
}
