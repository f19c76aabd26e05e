/** What reminders must do on both databases: one a person and round, whatever runs at the same time; stop rules; quiet hours. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAudit } from '../../src/audit/index.ts';
import { type Account, accountId } from '../../src/kernel/account.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { newId } from '../../src/kernel/random.ts';
import { type CampaignDeps, createCampaigns, EVERY, type NewCampaign } from '../../src/rollout/campaigns.ts';
import { createOptOut, optOutToken } from '../../src/rollout/opt-out.ts';
import { openStorage, type StorageConfig } from '../../src/storage/index.ts';
import * as store from '../../src/storage/repositories/campaigns.ts';
import * as people from '../../src/storage/repositories/people.ts';
import * as readiness from '../../src/storage/repositories/readiness.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
const DAY = 86_400_000;
const keyring = createKeyring([{ id: 'test', bytes: randomBytes(32) }]);

interface Sent {
  to: string;
  values: { name: string; says?: string };
  language: string;
}

export function rolloutContract(engine: string, newDatabase: () => Promise<StorageConfig>): void {
  describe(`reminders on ${engine}`, () => {
    let storage: Storage;
    const clock = createFakeClock(NOON);
    const audit = createAudit({ keyring, clock });
    const accounts = new Map<string, Account>();
    const sent: Sent[] = [];

    beforeAll(async () => {
      storage = await openStorage(await newDatabase());
    });
    afterAll(() => storage?.close());
    afterEach(async () => {
      for (const table of [
        'campaigns',
        'reminders',
        'reminder_opt_outs',
        'people',
        'readiness',
        'readiness_marks',
        'readiness_counts',
        'outbox',
      ] as const)
        await storage.db.deleteFrom(table).execute();
      accounts.clear();
      sent.length = 0;
      clock.set(NOON);
    });

    /** `enqueue` that counts what was committed: the row of the outbox itself. */
    const deps = (over: Partial<CampaignDeps> = {}): CampaignDeps => ({
      storage,
      directory: {
        load: async (key) => {
          const account = accounts.get(key);
          return account ? { is: 'found', account } : { is: 'none' };
        },
      },
      outbox: {
        async enqueue(trx, job) {
          const id = newId();
          await trx
            .insertInto('outbox')
            .values({
              id,
              kind: job.kind,
              payload: JSON.stringify(job.payload),
              state: 'done',
              attempt: 0,
              run_at: 0,
              lease_until: 0,
              expires_at: job.expiresAt,
              created_at: clock.now(),
            })
            .execute();
          return id;
        },
        nudge: () => {},
      },
      audit,
      clock,
      keyring,
      admission: { isOpen: async () => true },
      languages: ['en', 'de'],
      quietHours: { from: 20, until: 8 },
      perMinute: 120,
      timeZone: 'Europe/Berlin',
      log: { warn: () => {} },
      ...over,
    });

    const outbox = async (): Promise<(Sent & { expiresAt: number })[]> => {
      const rows = await storage.db.selectFrom('outbox').selectAll().where('kind', '=', 'mail').execute();
      await storage.db.deleteFrom('outbox').execute();
      return rows.map(({ payload, expires_at }) => ({ ...(JSON.parse(payload) as Sent), expiresAt: expires_at }));
    };

    async function populate(count: number, over: (n: number) => Partial<Account> = () => ({})): Promise<string[]> {
      const made = Array.from({ length: count }, (_, n): Account => {
        const key = newId();
        return {
          id: accountId('corp', key),
          directory: 'corp',
          key,
          locator: key,
          username: `person${n}`,
          displayName: `Person ${String(n).padStart(4, '0')}`,
          givenName: undefined,
          mail: [`person${n}@corp.example`],
          language: undefined,
          groups: ['staff'],
          attributes: {},
          ...over(n),
        };
      });
      for (const account of made) accounts.set(account.key, account);
      const rows = made.map(
        (account): readiness.ReadinessRow => ({
          accountId: account.id,
          directory: 'corp',
          directoryKey: account.key,
          username: account.username,
          displayName: account.displayName,
          locator: account.locator,
          groups: account.groups,
          attributes: {},
          facts: '{}',
          rule: 'default',
          verdict: 'not-ready',
          reasons: ['never-enrolled'],
          stamp: '1',
          readAt: NOON,
          checkedAt: NOON,
          recheckAt: undefined,
        }),
      );
      await storage.transaction((trx) => readiness.write(trx, { rows, gone: [], done: [], walk: 1 }));
      return made.map(({ id }) => id);
    }

    const campaign = (over: Partial<NewCampaign> = {}): NewCampaign => ({
      name: 'Autumn',
      who: 'never-enrolled',
      groups: [],
      texts: {},
      everyDays: 7,
      most: 3,
      startsAt: NOON,
      ...over,
    });

    /** Steps until the round is over. */
    async function round(campaigns: ReturnType<typeof createCampaigns>, id: string): Promise<number> {
      for (let count = 0; ; ) {
        const stepped = await campaigns.step(id);
        if (stepped.is !== 'sent') return count;
        count += stepped.count;
        clock.advance(EVERY);
      }
    }

    test('five nodes at once remind everybody once a round', async () => {
      await populate(60);
      const nodes = Array.from({ length: 5 }, () => createCampaigns(deps()));
      const id = await (nodes[0] as (typeof nodes)[0]).create(campaign(), 'staff:olga');
      for (let turn = 0; turn < 12; turn += 1) {
        await Promise.all(nodes.map((node) => node.step(id)));
        clock.advance(EVERY);
      }
      const mails = await outbox();
      expect(mails).toHaveLength(60);
      expect(new Set(mails.map(({ to }) => to)).size).toBe(60);
      expect((await nodes[0]?.progress(id))?.rounds).toEqual([{ round: 1, sent: 60, noAddress: 0 }]);
    });

    test('a node that dies before the commit leaves nobody out and reminds nobody twice', async () => {
      await populate(25);
      let calls = 0;
      const inner = deps();
      const dying = createCampaigns(
        deps({
          outbox: {
            ...inner.outbox,
            enqueue: async (trx, job) => {
              calls += 1;
              if (calls === 7) throw new Error('killed');
              return inner.outbox.enqueue(trx, job);
            },
          },
        }),
      );
      const id = await dying.create(campaign(), 'staff:olga');
      await expect(dying.step(id)).rejects.toThrow('killed');
      const next = createCampaigns(deps());
      expect(await next.step(id), 'the lease of the dead one holds').toEqual({ is: 'idle' });
      clock.advance(120_000);
      expect(await round(next, id)).toBe(25);
      expect(new Set((await outbox()).map(({ to }) => to)).size).toBe(25);
    });

    test('it stops for whoever enrolled, opted out, or was reminded often enough', async () => {
      const [enrolled = '', out = ''] = await populate(4);
      const campaigns = createCampaigns(deps());
      const id = await campaigns.create(campaign({ most: 2 }), 'staff:olga');
      expect(await round(campaigns, id)).toBe(4);
      await people.enrolled(storage.db, { id: enrolled, directory: 'corp', key: 'x' }, clock.now());
      const optOut = createOptOut({ storage, audit, keyring, clock });
      await optOut(`${optOutToken(keyring, out).slice(0, -1)}?`, '192.0.2.1');
      await optOut(optOutToken(keyring, out), '192.0.2.1');
      clock.set(NOON + 7 * DAY);
      expect(await round(campaigns, id)).toBe(2);
      clock.set(NOON + 14 * DAY);
      expect(await round(campaigns, id)).toBe(0);
      expect(await campaigns.progress(id)).toMatchObject({ enrolled: 1 });
    });

    test('nothing leaves in quiet hours, nor stays on its way into them', async () => {
      await populate(3);
      const campaigns = createCampaigns(deps());
      const id = await campaigns.create(campaign(), 'staff:olga');
      // 20:30 in Berlin.
      clock.set(Date.UTC(2026, 10, 24, 19, 30));
      expect(await campaigns.step(id)).toEqual({ is: 'quiet', until: Date.UTC(2026, 10, 25, 7) });
      clock.set(Date.UTC(2026, 10, 25, 7));
      expect(await round(campaigns, id)).toBe(3);
      for (const { expiresAt } of await outbox()) expect(expiresAt).toBe(Date.UTC(2026, 10, 25, 19));
    });

    test('paused, nothing is sent, not even by a node that had begun; resumed, it goes on where it was', async () => {
      await populate(15);
      const campaigns = createCampaigns(deps());
      const id = await campaigns.create(campaign(), 'staff:olga');
      await campaigns.step(id);
      const held = await store.claim(storage.db, id, {
        lease: 'late',
        until: clock.now() + 1,
        now: clock.now() + EVERY,
      });
      expect(held).toBeDefined();
      expect(await campaigns.pause(id, 'staff:olga')).toBe(true);
      expect(await store.advance(storage.db, id, 'late', { cursor: '' })).toBe(false);
      clock.advance(EVERY);
      expect(await campaigns.step(id)).toEqual({ is: 'idle' });
      expect(await campaigns.resume(id, 'staff:olga')).toBe(true);
      await round(campaigns, id);
      expect(new Set((await outbox()).map(({ to }) => to)).size).toBe(15);
      expect(await campaigns.end(id, 'staff:olga')).toBe(true);
      expect(await campaigns.resume(id, 'staff:olga')).toBe(false);
    });

    test('only groups that are meant and open get it, in their language, in the organisation’s own words', async () => {
      await populate(6, (n) => ({
        groups: [n < 4 ? 'staff' : 'guests'],
        language: n % 2 === 0 ? 'de-AT' : 'en',
        ...(n === 3 ? { mail: [] } : {}),
      }));
      const campaigns = createCampaigns(
        deps({ admission: { isOpen: async ({ username }) => username !== 'person0' } }),
      );
      const own = { de: 'Bitte bis Freitag.' };
      const id = await campaigns.create(campaign({ groups: ['staff', 'STAFF'], texts: own }), 'staff:olga');
      expect((await campaigns.audience({ who: 'never-enrolled', groups: ['staff'] })).people).toBe(4);
      expect(await round(campaigns, id)).toBe(2);
      const mails = (await outbox()).toSorted((a, b) => (a.to < b.to ? -1 : 1));
      expect(mails.map(({ to, language, values }) => [to, language, values.says])).toEqual([
        ['person1@corp.example', 'en', undefined],
        ['person2@corp.example', 'de', 'Bitte bis Freitag.'],
      ]);
      expect((await campaigns.progress(id)).rounds).toEqual([{ round: 1, sent: 2, noAddress: 1 }]);
    });

    test('a directory that is down delays a round, and says so', async () => {
      await populate(2);
      let down = true;
      const inner = deps();
      const campaigns = createCampaigns(
        deps({
          directory: {
            load: async (key) => (down ? { is: 'unavailable', cause: 'No answer.' } : inner.directory.load(key)),
          },
        }),
      );
      const id = await campaigns.create(campaign(), 'staff:olga');
      expect(await campaigns.step(id)).toEqual({ is: 'unavailable', cause: 'No answer.' });
      expect((await campaigns.find(id))?.problem).toBe('No answer.');
      down = false;
      clock.advance(60_000);
      expect(await round(campaigns, id)).toBe(2);
      expect((await campaigns.find(id))?.problem).toBeUndefined();
    });
  });
}
