/**
 * Tokens of the API: 256 random bits behind a prefix that secret scanners know, shown once, kept as an HMAC. Revoked at once on all
 * nodes, because every use asks the database; the limit of a minute lies there, too.
 */

import { days, minutes } from '../../kernel/clock.ts';
import { newId, newToken } from '../../kernel/random.ts';
import type { Right } from '../../staff/rights.ts';
import * as store from '../../storage/repositories/api-tokens.ts';
import type { FlowDeps } from '../deps.ts';
import { isScope, mayHandOn, type Scope } from './scopes.ts';

export type { ApiToken } from '../../storage/repositories/api-tokens.ts';

export const PREFIX = 'spk_';
export const DEFAULT_DAYS = 90;
export const MOST_DAYS = 366;
const FORM = /^spk_[\w-]{43}$/;
const UNFIT = /[\p{Cc}\p{Cs}\uFFFD]/u;

export interface NewToken {
  name: string;
  scopes: readonly string[];
  days: number;
}

export type TokenFault = 'name' | 'scopes' | 'days' | 'not-yours';

export type Used =
  | { is: 'known'; token: store.ApiToken; scopes: ReadonlySet<Scope> }
  | { is: 'unknown' }
  /** ms */
  | { is: 'wait'; until: number };

export type Tokens = ReturnType<typeof createTokensOfApi>;

export function createTokensOfApi(
  { storage, keyring, clock, audit }: Pick<FlowDeps, 'storage' | 'keyring' | 'clock' | 'audit'>,
  { perMinute }: { perMinute: number },
) {
  const hashOf = (token: string): string => keyring.mac('api-token', token);

  return {
    list: () => store.list(storage.db),

    /** `own`: rights of whoever makes it; absent: the operator at the machine. @returns the token, only this time. */
    async create(
      { name, scopes, days: lasts }: NewToken,
      by: { actor: string; own?: ReadonlySet<Right>; ip?: string },
    ): Promise<{ is: 'made'; token: string; id: string } | { is: 'invalid'; faults: TokenFault[] }> {
      const known = scopes.filter(isScope);
      const faults: TokenFault[] = [
        ...(name.trim() === '' || name.length > 60 || UNFIT.test(name) ? ['name' as const] : []),
        ...(known.length === 0 || known.length !== scopes.length ? ['scopes' as const] : []),
        ...(Number.isInteger(lasts) && lasts >= 1 && lasts <= MOST_DAYS ? [] : ['days' as const]),
        ...(by.own && !mayHandOn(by.own, known) ? ['not-yours' as const] : []),
      ];
      if (faults.length > 0) return { is: 'invalid', faults };
      const token = `${PREFIX}${newToken()}`;
      const now = clock.now();
      const id = newId();
      await storage.transaction(async (trx) => {
        await store.create(trx, {
          id,
          name: name.trim(),
          scopes: [...new Set(known)],
          madeBy: by.actor,
          createdAt: now,
          expiresAt: now + days(lasts),
          hash: hashOf(token),
        });
        await audit.append(trx, {
          event: 'token.made',
          outcome: 'success',
          actor: by.actor,
          ...(by.ip ? { ip: by.ip } : {}),
          detail: { token: id, scopes: known },
        });
      });
      return { is: 'made', token, id };
    },

    /** @returns false when there was none to revoke. */
    async revoke(id: string, actor: string): Promise<boolean> {
      return storage.transaction(async (trx) => {
        const token = await store.revoke(trx, id, actor, clock.now());
        if (!token) return false;
        await audit.append(trx, { event: 'token.revoked', outcome: 'success', actor, detail: { token: id } });
        return true;
      });
    },

    /** Unknown, revoked and run out are one answer. */
    async use(token: string): Promise<Used> {
      if (!FORM.test(token)) return { is: 'unknown' };
      const now = clock.now();
      const minute = Math.floor(now / minutes(1));
      const found = await store.use(storage.db, hashOf(token), { now, minute });
      if (!found) return { is: 'unknown' };
      if (found.used > perMinute) return { is: 'wait', until: (minute + 1) * minutes(1) };
      return { is: 'known', token: found.token, scopes: new Set(found.token.scopes.filter(isScope)) };
    },

    /** Asked for what it is not for. */
    async refused(id: string, scope: Scope, ip: string): Promise<void> {
      await storage.transaction((trx) =>
        audit.append(trx, {
          event: 'token.refused',
          outcome: 'refused',
          actor: `token:${id}`,
          ip,
          reason: `It is not for ${scope}.`,
        }),
      );
    },
  };
}
