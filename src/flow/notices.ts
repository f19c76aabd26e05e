/** Everybody who must know is told: a notice to each confirmed address of the person (NIST SP 800-63B-4 §4.6). */
import type { Authenticator } from '../kernel/account.ts';
import { days } from '../kernel/clock.ts';
import type { Effect } from '../kernel/effect.ts';
import type { JsonObject } from '../kernel/json.ts';
import { maskAddress } from '../methods/mask.ts';

export interface Notices {
  effects: Effect[];
  /** Masked addresses, for the person to see. */
  told: string[];
}

export const noNotices: Notices = { effects: [], told: [] };

export function notices(
  authenticators: readonly Authenticator[],
  template: string,
  person: { language: string; displayName: string },
  now: number,
  values: JsonObject = {},
): Notices {
  const addresses = authenticators
    .filter(({ method }) => method === 'email')
    .map(({ data }) => String(data['address']));
  return {
    told: addresses.map(maskAddress),
    effects: addresses.map((to) => ({
      kind: 'send-mail',
      to,
      template,
      language: person.language,
      values: { name: person.displayName, at: now, ...values },
      expiresAt: now + days(3),
    })),
  };
}
