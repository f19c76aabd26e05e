/** Tokens and repeated requests on both databases: what lies there, what fifty at once may do, and what a dead node leaves. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAudit } from '../../src/audit/index.ts';
import { createOnce } from '../../src/flow/api/once.ts';
import { createTokensOfApi } from '../../src/flow/api/tokens.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { openStorage, type StorageConfig } from '../../src/storage/index.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

const DAY = 86_400_000;

export function apiContract(engine: string, newDatabase: () => Promise<StorageConfig>): void {
  describe(`tokens of the API on ${engine}`, () => {
    let storage: Storage;
    const clock = createFakeClock(Date.UTC(2026, 10, 24, 12));
    const keyring = createKeyring([{ id: 'test', bytes: randomBytes(32) }]);
    const audit = createAudit({ keyring, clock });
    beforeAll(async () => {
      storage = await openStorage(await newDatabase());
    });
    afterAll(() => storage?.close());

    const tokens = (perMinute = 600) => createTokensOfApi({ storage, keyring, clock, audit }, { perMinute });
    const made = async (name = 'Test') => {
      const one = await tokens().create({ name, scopes: ['reports.view'], days: 1 }, { actor: 'cli' });
      if (one.is !== 'made') throw new Error(one.faults.join());
      return one;
    };

    test('lie there as a hash, are found by it, and end', async () => {
      const { token, id } = await made();
      expect(JSON.stringify(await storage.db.selectFrom('api_tokens').selectAll().execute())).not.toContain(
        token.slice(4),
      );
      const used = await tokens().use(token);
      expect(used.is === 'known' && used.token.id).toBe(id);
      expect((await tokens().use(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).is).toBe('unknown');
      clock.advance(DAY);
      expect((await tokens().use(token)).is).toBe('unknown');
    });

    test('are counted once each, however many nodes and however much at once', async () => {
      const { token } = await made();
      const all = await Promise.all(Array.from({ length: 50 }, () => tokens(20).use(token)));
      expect(all.filter(({ is }) => is === 'known')).toHaveLength(20);
    });

    test('are revoked at once, and once', async () => {
      const { token, id } = await made();
      const revoked = await Promise.all([1, 2, 3].map(() => tokens().revoke(id, 'staff:olga')));
      expect(revoked.filter((done) => done)).toHaveLength(1);
      expect((await tokens().use(token)).is).toBe('unknown');
    });

    test('a repeated request is done once, and by the next one when the first died', async () => {
      const once = createOnce({ storage, keyring, clock });
      let done = 0;
      const work = async () => {
        done += 1;
        return { status: 201, body: { secret: 'bearer value', n: done } };
      };
      const same = { token: 't', key: 'k', request: ['POST', '/x', { a: 1 }] };
      const all = await Promise.all(Array.from({ length: 20 }, () => once(same, work)));
      expect(done).toBe(1);
      expect(all.filter(({ is }) => is === 'answer').length).toBeGreaterThan(0);
      expect(await once(same, work)).toEqual({
        is: 'answer',
        answer: { status: 201, body: { secret: 'bearer value', n: 1 } },
      });
      expect(await once({ ...same, request: ['POST', '/y'] }, work)).toEqual({ is: 'other' });
      expect(JSON.stringify(await storage.db.selectFrom('api_answers').selectAll().execute())).not.toContain(
        'bearer value',
      );
      const dying = { ...same, key: 'dying' };
      const never = once(dying, () => new Promise(() => {}));
      expect(await Promise.race([never, new Promise((go) => setImmediate(go)).then(() => 'still at work')])).toBe(
        'still at work',
      );
      let waiting = await once(dying, work);
      for (let n = 0; n < 100 && waiting.is !== 'busy'; n += 1) waiting = await once(dying, work);
      expect(waiting.is).toBe('busy');
      clock.advance(120_001);
      expect((await once(dying, work)).is).toBe('answer');
    });
  });
}
