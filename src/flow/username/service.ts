/**
 * "What was my username?": sent to the address itself, and only where somebody has confirmed it. Whoever asks learns nothing;
 * an address that nobody has costs the same work, down to a message that is never sent.
 */

import { hours } from '../../kernel/clock.ts';
import type { Effect } from '../../kernel/effect.ts';
import { lookupOf } from '../../methods/email.ts';
import * as people from '../../storage/repositories/people.ts';
import { commitEffects } from '../commit.ts';
import { decoySubject } from '../decoy.ts';
import type { FlowDeps, Origin } from '../deps.ts';
import { identifierKeyOf } from '../identifier.ts';
import { mailLanguage } from '../mail-language.ts';

export type Reminded = { is: 'asked' } | { is: 'wait'; until: number };

export type UsernameService = ReturnType<typeof createUsernameService>;

/** A mailbox may be shared by a family; more names than this are somebody's test address. */
const MOST = 20;

export function createUsernameService(deps: FlowDeps) {
  const { storage, authenticators, directory, throttle, clock, keyring } = deps;

  /** Accounts whose confirmed address this is, as far as the directory can be asked now. */
  const accountsWith = async (address: string) => {
    const found = await authenticators.findByLookup(storage.db, lookupOf(address));
    const ids = [...new Set(found.filter(({ method }) => method === 'email').map(({ accountId }) => accountId))];
    const known = await Promise.all(ids.slice(0, MOST).map((id) => people.find(storage.db, id)));
    const loaded = await Promise.all(known.flatMap((one) => (one ? [directory.load(one.directoryKey)] : [])));
    return loaded.flatMap((outcome) => (outcome.is === 'found' ? [outcome.account] : []));
  };

  return {
    async remind(address: string, language: string, origin: Origin): Promise<Reminded> {
      const now = clock.now();
      const typed = address.trim();
      const identifierKey = identifierKeyOf(keyring, `username-of ${typed}`);
      const begun = await throttle.start(identifierKey, origin.network, now);
      if (begun.is === 'wait') return begun;
      const destinations = [typed];
      const subject = decoySubject(identifierKey);
      const sending = await throttle.send({ identifierKey, subject, method: 'username', destinations }, now);
      if (sending.is === 'wait') return sending;
      const accounts = await accountsWith(typed);
      const send = accounts.length > 0 && sending.send;
      const mail: Effect = {
        kind: 'send-mail',
        to: typed,
        template: 'usernames-mail',
        language: mailLanguage(deps.languages, accounts[0], language),
        values: { name: '', at: now, usernames: accounts.map(({ username }) => username), ip: origin.ip },
        expiresAt: send ? now + hours(1) : 0,
      };
      await storage.transaction((trx) =>
        commitEffects(
          deps,
          trx,
          [mail],
          [
            { event: 'username.asked', outcome: 'success', actor: 'anonymous', subject, ip: origin.ip },
            ...(send
              ? accounts.map(({ id }) => ({
                  event: 'username.sent' as const,
                  outcome: 'success' as const,
                  actor: 'anonymous',
                  subject: id,
                  ip: origin.ip,
                }))
              : []),
          ],
        ),
      );
      deps.outbox.nudge();
      return { is: 'asked' };
    },
  };
}
