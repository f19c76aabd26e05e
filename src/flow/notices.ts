/**
 * Everybody who must know is told: a notice to each confirmed address of the person (NIST SP 800-63B-4 §4.6), and a text to each
 * confirmed phone where it is urgent. Each mail carries a one-use value that stops recovery for the account, should it have been
 * somebody else.
 */
import type { Account, Authenticator } from '../kernel/account.ts';
import { days, hours } from '../kernel/clock.ts';
import type { Effect } from '../kernel/effect.ts';
import type { JsonObject } from '../kernel/json.ts';
import { newId, newToken } from '../kernel/random.ts';
import { maskDestination } from '../methods/mask.ts';

export interface Notices {
  effects: Effect[];
  /** Masked addresses and numbers, for the person to see. */
  told: string[];
}

/** Who is told: the ticket of a stop button must find the account again. */
export type Told = Pick<Account, 'displayName' | 'directory' | 'key'> & { language: string };

export const noNotices: Notices = { effects: [], told: [] };

/** What the ticket of a stop button is issued for. */
export const STOP = 'stop';

const STOP_LIFETIME = days(7);

/** Urgent enough to cost a text. */
const TEXTED = new Set([
  'password-reset-notice',
  'factor-removed-notice',
  'frozen-notice',
  'waiting-notice',
  'helper-action-notice',
]);

export function notices(
  authenticators: readonly Authenticator[],
  template: string,
  person: Told,
  now: number,
  values: JsonObject = {},
): Notices {
  const mails = authenticators.filter(({ method }) => method === 'email');
  const addresses = mails.map(({ data }) => String(data['address']));
  const numbers = TEXTED.has(template) ? phonesOf(authenticators) : [];
  const texts = numbers.map((to): Effect => {
    const { language } = person;
    return { kind: 'send-text', to, template, language, values, expiresAt: now + hours(6) };
  });
  return {
    told: [...addresses, ...numbers].map(maskDestination),
    effects: mails
      .flatMap(({ accountId, data }): Effect[] => {
        const stop = newToken();
        const ticket = { id: newId(), ticket: stop, purpose: STOP, accountId, expiresAt: now + STOP_LIFETIME };
        return [
          { kind: 'issue-ticket', ...ticket, data: stopData(template, person, now) },
          {
            kind: 'send-mail',
            to: String(data['address']),
            template,
            language: person.language,
            values: { name: person.displayName, at: now, stop, ...values },
            expiresAt: now + days(3),
          },
        ];
      })
      .concat(texts),
  };
}

/** Confirmed ones that texts can reach. */
const phonesOf = (authenticators: readonly Authenticator[]): string[] => [
  ...new Set(authenticators.filter(({ method }) => method === 'sms').map(({ data }) => String(data['number']))),
];

const stopData = (template: string, { language, displayName, directory, key }: Told, at: number): JsonObject => ({
  template,
  language,
  displayName,
  directory,
  key,
  at,
});
