/** What the outbox must do on both engines. Real time and small back-offs; every wait is for a condition, with a deadline. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { createOutbox, sweepOutbox } from '../../src/outbox/index.ts';
import { type Claimed, createLedger, type DeadJob } from '../../src/outbox/ledger.ts';
import type { Delivery, Job, JobOutcome, Outbox } from '../../src/outbox/outbox.ts';
import { OUTBOX_DEFAULTS, type OutboxSettings } from '../../src/outbox/settings.ts';
import { openStorage, type StorageConfig } from '../../src/storage/index.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

const KEY = randomBytes(32);
const keyring = createKeyring([{ id: 'test', bytes: KEY }]);
const SETTINGS: OutboxSettings = {
  ...OUTBOX_DEFAULTS,
  pollMs: 500,
  retry: { attempts: 3, firstMs: 20, longestMs: 50 },
};
const WORKER = fileURLToPath(new URL('../unit/outbox/worker.ts', import.meta.url));
const DEADLINE = { timeout: 15_000, interval: 10 };
const SECRET = 'code 48213377';

const mail = (over: Partial<Job> = {}): Job => ({
  kind: 'mail',
  payload: { to: 'mia@corp.test', text: SECRET },
  expiresAt: Date.now() + 60_000,
  ...over,
});

interface Node {
  storage: Storage;
  outbox: Outbox;
}

export function outboxContract(engine: string, newDatabase: () => Promise<StorageConfig>): void {
  describe(`outbox on ${engine}`, () => {
    let config: StorageConfig;
    let storage: Storage;
    const nodes: Node[] = [];
    const givenUp: DeadJob[] = [];

    async function newNode(settings: Partial<OutboxSettings> = {}): Promise<Node> {
      const own = await openStorage(config);
      const node = {
        storage: own,
        outbox: await createOutbox({
          storage: own,
          config,
          keyring,
          clock: systemClock,
          settings: { ...SETTINGS, ...settings },
          random: () => 1,
          onDead: (job) => givenUp.push(job),
        }),
      };
      nodes.push(node);
      return node;
    }
    async function stopNodes(): Promise<void> {
      for (const node of nodes.splice(0)) {
        await node.outbox.stop();
        await node.storage.close();
      }
    }

    beforeAll(async () => {
      config = await newDatabase();
      storage = await openStorage(config);
    });
    afterEach(async () => {
      await stopNodes();
      // What a test left waiting must not become due in the next one.
      await storage.db.deleteFrom('outbox').execute();
    });
    afterAll(() => storage?.close());

    const enqueue = async ({ storage: own, outbox }: Node, job: Job): Promise<string> => {
      const id = await own.transaction((trx) => outbox.enqueue(trx, job));
      outbox.nudge();
      return id;
    };
    const row = (id: string) =>
      storage.db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const state = async (id: string) => (await row(id)).state;
    const wakes = async (id: string): Promise<string[]> => {
      if (storage.engine === 'sqlite') return [];
      const found = await sql<{ data: object }>`select data from pgboss.job where data->>'id' = ${id}`.execute(
        storage.db,
      );
      return found.rows.map((entry) => JSON.stringify(entry.data));
    };
    const answering = (...outcomes: JobOutcome[]) => {
      const deliveries: Delivery[] = [];
      const handler = async (delivery: Delivery): Promise<JobOutcome> => {
        deliveries.push(delivery);
        return outcomes[deliveries.length - 1] ?? { is: 'done' };
      };
      return { deliveries, handler };
    };

    test('a rolled-back enqueue leaves nothing', async () => {
      const node = await newNode();
      const { deliveries, handler } = answering();
      await node.outbox.start({ mail: handler });
      let lost = '';
      const work = node.storage.transaction(async (trx) => {
        lost = await node.outbox.enqueue(trx, mail());
        throw new Error('changed my mind');
      });
      await expect(work).rejects.toThrow('changed my mind');
      const kept = await enqueue(node, mail());
      await expect.poll(() => state(kept), DEADLINE).toBe('done');
      await node.outbox.idle();
      expect(deliveries.map((delivery) => delivery.id)).toEqual([kept]);
      await expect(row(lost)).rejects.toThrow();
      expect(await wakes(lost)).toEqual([]);
    });

    test('after commit it is handled once, with its payload, and picked up without waiting for a poll', async () => {
      const node = await newNode({ pollMs: 600_000 });
      const { deliveries, handler } = answering();
      await node.outbox.start({ mail: handler });
      const id = await enqueue(node, mail());
      await expect.poll(() => state(id), DEADLINE).toBe('done');
      await node.outbox.idle();
      expect(deliveries).toEqual([{ id, attempt: 1, payload: mail().payload }]);
      expect(await row(id)).toMatchObject({ attempt: 1, reason: null, finished_at: expect.any(Number) });
    });

    test('what was enqueued before the start is done too', async () => {
      const node = await newNode();
      const id = await enqueue(node, mail());
      const { handler } = answering();
      await node.outbox.start({ mail: handler });
      await expect.poll(() => state(id), DEADLINE).toBe('done');
    });

    test('the payload lies sealed while it waits, is nowhere else, and is gone afterwards', async () => {
      const node = await newNode();
      const id = await enqueue(node, mail());
      const waiting = await row(id);
      expect(waiting.payload.length).toBeGreaterThan(40);
      expect(JSON.stringify(waiting)).not.toMatch(/48213377|mia@corp/);
      expect(await wakes(id)).toEqual(storage.engine === 'sqlite' ? [] : [JSON.stringify({ id })]);
      await node.outbox.start({ mail: answering().handler });
      await expect.poll(() => state(id), DEADLINE).toBe('done');
      expect((await row(id)).payload).toBe('');
    });

    test('a throw is tried again with the same id, later', async () => {
      const node = await newNode({ retry: { attempts: 5, firstMs: 40, longestMs: 80 } });
      const seen: { id: string; attempt: number; at: number }[] = [];
      await node.outbox.start({
        mail: async ({ id, attempt }) => {
          seen.push({ id, attempt, at: Date.now() });
          if (attempt < 3) throw new Error('the mail server is down');
          return { is: 'done' };
        },
      });
      const id = await enqueue(node, mail());
      await expect.poll(() => state(id), DEADLINE).toBe('done');
      expect(seen.map(({ id: same, attempt }) => [same, attempt])).toEqual([
        [id, 1],
        [id, 2],
        [id, 3],
      ]);
      const gaps = seen.slice(1).map(({ at }, n) => at - (seen[n]?.at ?? 0));
      expect(gaps[0]).toBeGreaterThanOrEqual(40);
      expect(gaps[1]).toBeGreaterThanOrEqual(80);
    });

    test('after the last attempt it is dead with the reason, and its payload is gone', async () => {
      const node = await newNode();
      const { deliveries, handler } = answering(
        ...Array.from({ length: 3 }, (): JobOutcome => ({ is: 'retry', cause: '421 try later' })),
      );
      await node.outbox.start({ mail: handler });
      const id = await enqueue(node, mail());
      await expect.poll(() => state(id), DEADLINE).toBe('dead');
      expect(deliveries).toHaveLength(3);
      expect(await row(id)).toMatchObject({ payload: '', reason: 'Given up after 3 attempts: 421 try later' });
      expect((await node.outbox.dead(1))[0]).toMatchObject({ id, kind: 'mail', attempt: 3 });
      expect(await node.outbox.check()).toContainEqual(
        expect.objectContaining({ is: 'warning', cause: expect.stringContaining('421 try later') }),
      );
    });

    test('`dead` is final at once', async () => {
      const node = await newNode();
      const { deliveries, handler } = answering({ is: 'dead', reason: '550 no such mailbox' });
      await node.outbox.start({ mail: handler });
      const id = await enqueue(node, mail());
      await expect.poll(() => state(id), DEADLINE).toBe('dead');
      await node.outbox.idle();
      expect(deliveries).toHaveLength(1);
      expect(await row(id)).toMatchObject({ payload: '', reason: '550 no such mailbox', attempt: 1 });
      expect(givenUp.filter((job) => job.id === id)).toEqual([{ id, kind: 'mail', reason: '550 no such mailbox' }]);
    });

    test('`retry` with `after` keeps to it', async () => {
      const node = await newNode();
      await node.outbox.start({ mail: async () => ({ is: 'retry', after: 30_000, cause: 'greylisted' }) });
      const id = await enqueue(node, mail());
      await expect.poll(async () => (await row(id)).reason, DEADLINE).toBe('greylisted');
      const { run_at, state: still } = await row(id);
      expect(still).toBe('waiting');
      expect(run_at).toBeGreaterThan(Date.now() + 20_000);
    });

    test('a job with a later `runAt` waits for it', async () => {
      const node = await newNode();
      const at: number[] = [];
      await node.outbox.start({
        mail: async () => {
          at.push(Date.now());
          return { is: 'done' };
        },
      });
      const runAt = Date.now() + 700;
      const id = await enqueue(node, mail({ runAt }));
      await expect.poll(() => state(id), DEADLINE).toBe('done');
      expect(at).toHaveLength(1);
      expect(at[0]).toBeGreaterThanOrEqual(runAt);
    });

    test('what is too late is not sent, and a retry that would be too late is not planned', async () => {
      const node = await newNode();
      const { deliveries, handler } = answering({ is: 'retry', after: 90_000, cause: 'busy' });
      await node.outbox.start({ mail: handler });
      const late = await enqueue(node, mail({ expiresAt: Date.now() - 1 }));
      await expect.poll(() => state(late), DEADLINE).toBe('expired');
      expect(deliveries).toEqual([]);
      const tight = await enqueue(node, mail());
      await expect.poll(() => state(tight), DEADLINE).toBe('expired');
      expect(deliveries).toHaveLength(1);
      for (const id of [late, tight]) expect((await row(id)).payload).toBe('');
    });

    test('a kind that this node does not know waits for a node that does', async () => {
      const old = await newNode({ retry: { attempts: 50, firstMs: 20, longestMs: 50 } });
      await old.outbox.start({});
      const id = await enqueue(old, mail());
      await expect.poll(async () => (await row(id)).reason, DEADLINE).toContain('no handler for "mail"');
      await old.outbox.stop();
      const young = await newNode({ retry: { attempts: 50, firstMs: 20, longestMs: 50 } });
      await young.outbox.start({ mail: answering().handler });
      await expect.poll(() => state(id), DEADLINE).toBe('done');
    });

    test('two nodes on one database: every job is done, none twice', async () => {
      const both = [await newNode(), await newNode()];
      const handled: string[] = [];
      const busy = [0, 0];
      for (const [n, node] of both.entries())
        await node.outbox.start({
          mail: async ({ id }) => {
            handled.push(id);
            busy[n] = (busy[n] ?? 0) + 1;
            // Hold on until the other node has work too, so that both really compete.
            await vi.waitUntil(() => busy.every((count) => count > 0), DEADLINE);
            return { is: 'done' };
          },
        });
      const ids: string[] = [];
      for (let n = 0; n < 60; n += 1) ids.push(await enqueue(both[n % 2] as Node, mail()));
      for (const node of both) node.outbox.nudge();
      await expect
        .poll(async () => (await Promise.all(ids.map(state))).every((is) => is === 'done'), DEADLINE)
        .toBe(true);
      expect([...handled].sort()).toEqual([...ids].sort());
    });

    test('a handler that takes longer than the lease keeps its job', async () => {
      const both = [await newNode({ leaseMs: 150 }), await newNode({ leaseMs: 150 })];
      let release = () => {};
      const gate = new Promise<void>((open) => {
        release = open;
      });
      let calls = 0;
      const handler = async (): Promise<JobOutcome> => {
        calls += 1;
        await gate;
        return { is: 'done' };
      };
      for (const node of both) await node.outbox.start({ mail: handler });
      const id = await enqueue(both[0] as Node, mail());
      await expect.poll(() => calls, DEADLINE).toBe(1);
      const taken = (await row(id)).lease_until;
      await expect.poll(async () => (await row(id)).lease_until, DEADLINE).toBeGreaterThan(taken + 600);
      release();
      await expect.poll(() => state(id), DEADLINE).toBe('done');
      expect(calls).toBe(1);
      expect((await row(id)).attempt).toBe(1);
    });

    test('a handler that never ends is given up and another attempt is made', async () => {
      const node = await newNode({ leaseMs: 150, handlerMs: 200 });
      const attempts: number[] = [];
      await node.outbox.start({
        mail: ({ attempt }) => {
          attempts.push(attempt);
          return attempt === 1 ? new Promise(() => {}) : Promise.resolve({ is: 'done' });
        },
      });
      const id = await enqueue(node, mail());
      await expect.poll(() => state(id), DEADLINE).toBe('done');
      expect(attempts).toEqual([1, 2]);
    });

    test('whoever comes back with an older attempt changes nothing', async () => {
      const clock = createFakeClock();
      const settings = { ...SETTINGS, leaseMs: 1_000 };
      const ledger = createLedger({ storage, keyring, clock, random: () => 0, settings });
      const expiresAt = clock.now() + 60_000;
      const { id } = await storage.transaction((trx) => ledger.enqueue(trx, mail({ expiresAt })));
      const claim = async (): Promise<Claimed> => {
        const claimed = await ledger.claim(id);
        if (claimed.is !== 'claimed') throw new Error(claimed.is);
        return claimed.job;
      };
      const slow = await claim();
      expect(await ledger.claim(id)).toEqual({ is: 'later', at: clock.now() + 1_000 });
      clock.advance(999);
      expect(await ledger.renew(slow)).toBe(true);
      clock.advance(1_000);
      const quick = await claim();
      expect([slow.attempt, quick.attempt]).toEqual([1, 2]);
      expect(await ledger.renew(slow)).toBe(false);
      expect(await ledger.settle(storage.db, slow, { is: 'dead', reason: 'late' })).toEqual({ is: 'fenced' });
      expect(await ledger.settle(storage.db, quick, { is: 'done' })).toEqual({ is: 'finished' });
      expect(await ledger.settle(storage.db, slow, { is: 'done' })).toEqual({ is: 'fenced' });
      expect(await row(id)).toMatchObject({ state: 'done', attempt: 2, payload: '' });
    });

    test('a job that kills its node every time is dead in the end', async () => {
      const clock = createFakeClock();
      const ledger = createLedger({ storage, keyring, clock, random: () => 0, settings: SETTINGS });
      const { id } = await storage.transaction((trx) => ledger.enqueue(trx, mail({ expiresAt: clock.now() + 1e9 })));
      for (let n = 1; n <= 3; n += 1) {
        expect(await ledger.claim(id)).toMatchObject({ is: 'claimed', job: { attempt: n } });
        clock.advance(SETTINGS.leaseMs);
      }
      expect(await ledger.claim(id)).toEqual({ is: 'finished' });
      expect(await row(id)).toMatchObject({
        state: 'dead',
        payload: '',
        reason: expect.stringContaining('never ended'),
      });
    });

    test('stop lets a running handler finish and takes nothing new', async () => {
      const node = await newNode();
      let release = () => {};
      const gate = new Promise<void>((open) => {
        release = open;
      });
      const begun: string[] = [];
      await node.outbox.start({
        mail: async ({ id }) => {
          begun.push(id);
          await gate;
          return { is: 'done' };
        },
      });
      const first = await enqueue(node, mail());
      await expect.poll(() => begun, DEADLINE).toEqual([first]);
      let stopped = false;
      const stopping = node.outbox.stop().then(() => {
        stopped = true;
      });
      const second = await storage.transaction(async (trx) => {
        const ledger = createLedger({ storage, keyring, clock: systemClock, random: () => 0, settings: SETTINGS });
        return (await ledger.enqueue(trx, mail())).id;
      });
      node.outbox.nudge();
      expect(stopped).toBe(false);
      release();
      await stopping;
      expect(await state(first)).toBe('done');
      expect(begun).toEqual([first]);
      expect(await state(second)).toBe('waiting');
    });

    test('sweep deletes finished rows only', async () => {
      const node = await newNode();
      await node.outbox.start({ mail: answering({ is: 'dead', reason: 'no such mailbox' }).handler });
      const late = mail({ expiresAt: Date.now() - 1 });
      const ended = [await enqueue(node, mail()), await enqueue(node, mail()), await enqueue(node, late)];
      const waiting = await enqueue(node, mail({ runAt: Date.now() + 50_000 }));
      const states = async () => (await Promise.all(ended.map(state))).sort();
      await expect.poll(states, DEADLINE).toEqual(['dead', 'done', 'expired']);
      expect(await sweepOutbox(storage.db, 0)).toBe(0);
      expect(await sweepOutbox(storage.db, Date.now() + 1_000)).toBe(3);
      expect(await state(waiting)).toBe('waiting');
    });

    test('kill -9 of a real process in its handler: another node takes the job over within 60 s', {
      timeout: 90_000,
    }, async () => {
      const args = [WORKER, JSON.stringify(config), KEY.toString('hex'), '1500'];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      let printed = '';
      child.stdout.on('data', (text) => {
        printed += text;
      });
      const node = await newNode({ leaseMs: 1_500 });
      const id = await enqueue(node, mail({ expiresAt: Date.now() + 120_000 }));
      try {
        await expect.poll(() => printed, { timeout: 20_000, interval: 20 }).toBe(`${id} 1\n`);
      } finally {
        child.kill('SIGKILL');
        await once(child, 'close');
      }
      const killedAt = Date.now();
      const { deliveries, handler } = answering();
      await node.outbox.start({ mail: handler });
      await expect.poll(() => state(id), { timeout: 60_000, interval: 50 }).toBe('done');
      expect(deliveries.map((delivery) => delivery.attempt)).toEqual([2]);
      expect(Date.now() - killedAt).toBeLessThan(60_000);
    });
  });
}
