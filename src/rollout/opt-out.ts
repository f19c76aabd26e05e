/** "No more reminders": a value for one account, made again at any time, which does nothing else. Every value gets the same answer. */
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../kernel/clock.ts';
import { type Keyring, sameText } from '../kernel/keyring.ts';
import * as campaigns from '../storage/repositories/campaigns.ts';
import type { Storage } from '../storage/storage.ts';

const macOf = (keyring: Keyring, accountId: string): string => keyring.mac('reminder-opt-out', accountId).slice(0, 43);

export const optOutToken = (keyring: Keyring, accountId: string): string => `${accountId}${macOf(keyring, accountId)}`;

/** An account's id has this many characters. */
const ID = 22;

export const createOptOut =
  ({ storage, audit, keyring, clock }: { storage: Storage; audit: Audit; keyring: Keyring; clock: Clock }) =>
  async (token: string, ip: string): Promise<void> => {
    const accountId = token.slice(0, ID);
    if (!sameText(macOf(keyring, accountId), token.slice(ID))) return;
    await storage.transaction(async (trx) => {
      if (!(await campaigns.optOut(trx, accountId, clock.now()))) return;
      await audit.append(trx, {
        event: 'rollout.opted-out',
        outcome: 'success',
        actor: accountId,
        subject: accountId,
        ip,
      });
    });
  };
