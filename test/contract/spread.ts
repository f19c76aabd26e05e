/**
 * What the spread engine must do on both databases. Systems answer as a test tells them: what is wanted here is how often,
 * when and in which order they are asked, which no real system can be told. Real ones: test/live/spread.test.ts.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAudit } from '../../src/audit/index.ts';
import { readAudit } from '../../src/audit/read.ts';
import type { Attempt, Connector, Delivered, Order, Person } from '../../src/connectors/connector.ts';
import { type Account, accountId } from '../../src/kernel/account.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { newId } from '../../src/kernel/random.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { createOutbox } from '../../src/outbox/index.ts';
import type { Outbox } from '../../src/outbox/outbox.ts';
import type { SpreadSettings } from '../../src/spread/deps.ts';
import { createSpread, SPREAD_DEFAULTS, type Spread, SpreadBusy } from '../../src/spread/spread.ts';
import type { ConnectedSystem } from '../../src/spread/system.ts';
import { openStorage, type StorageConfig } from '../../src/storage/index.ts';
import type { Storage } from '../../src/storage/storage.ts';

const keyring = createKeyring([{ id: 'test', bytes: randomBytes(32) }]);
const WITHIN = { timeout: 15_000, interval: 10 };
const FAST: SpreadSettings = {
  ...SPREAD_DEFAULTS,
  attemptMs: 2_000,
  leaseMs: 2_500,
  firstMs: 20,
  longestMs: 60,
  breaker: { failures: 3, firstMs: 300, longestMs: 300 },
};

interface Call {
  link: string;
  is: Order['is'];
  password: string | undefined;
  attempt: Attempt;
}
type Answer = Delivered | Promise<Delivered>;

/** A system that says what it is told to say. */
class Told {
  readonly calls: Call[] = [];
  answer: (call: Call) => Answer = () => ({ is: 'delivered' });
  readonly system: ConnectedSystem;

  constructor(id: string, more: Partial<ConnectedSystem> = {}, can: Partial<Connector['can']> = {}) {
    const deliver = async ({ link }: Person, order: Order, attempt: Attempt): Promise<Delivered> => {
      const password = order.is === 'password' ? order.password.reveal() : undefined;
      const call = { link, is: order.is, password, attempt };
      this.calls.push(call);
      return this.answer(call);
    };
    const connector: Connector = {
      can: { unlock: false, mustChange: false, find: true, verify: false, ...can },
      find: async ({ link }) => ({ is: 'found', name: `role ${link}` }),
      deliver,
      check: async () => [],
      close: async () => {},
    };
    const everybody = { appliesTo: () => true, account: '{username}', after: [], concurrency: 2, canary: undefined };
    this.system = { id, label: id.toUpperCase(), ...everybody, ...more, connector };
  }
}

export function spreadContract(engine: string, newDatabase: () => Promise<StorageConfig>): void {
  describe(`spread engine on ${engine}`, () => {
    let config: StorageConfig;
    let storage: Storage;
    let outbox: Outbox;
    let spread: Spread;
    const stops: (() => Promise<void>)[] = [];
    const failures: string[] = [];
    const audit = createAudit({ keyring, clock: systemClock });

    beforeAll(async () => {
      config = await newDatabase();
      storage = await openStorage(config);
    });
    afterEach(async () => {
      for (const stop of stops.splice(0)) await stop();
      failures.splice(0);
      for (const table of ['outbox', 'spreads', 'spread_targets', 'systems'] as const)
        await storage.db.deleteFrom(table).execute();
    });
    afterAll(() => storage?.close());

    async function begin(systems: readonly Told[], settings: Partial<SpreadSettings> = {}): Promise<void> {
      const clock = systemClock;
      outbox = await createOutbox({ storage, config, keyring, clock, settings: { pollMs: 500 } });
      spread = createSpread({
        storage,
        keyring,
        clock,
        audit,
        outbox,
        systems: new Map(systems.map(({ system }) => [system.id, system])),
        settings: { ...FAST, ...settings },
        random: Math.random,
        tellFailure: async (_trx, id, { displayName }, label) => void failures.push(`${id} ${displayName} ${label}`),
        log: { warn() {} },
      });
      const own = outbox;
      await own.start(spread.handlers);
      stops.push(() => own.stop());
    }

    const newAccount = (): Account => {
      const key = newId();
      return {
        id: accountId('test', key),
        directory: 'test',
        key,
        locator: key,
        username: `mia-${key.slice(0, 6)}`,
        displayName: 'Mia Winter',
        givenName: 'Mia',
        mail: ['mia@corp.test'],
        language: 'de',
        groups: [],
        attributes: { employeeNumber: ['4711'] },
      };
    };
    const hold = (account: Account, password: string): Promise<string | undefined> =>
      storage.transaction((trx) => spread.hold(trx, account, new Secret(password)));
    const release = async (id: string | undefined): Promise<void> => {
      await storage.transaction((trx) => spread.release(trx, id ?? ''));
      outbox.nudge();
    };
    const send = async (account: Account, password: string): Promise<string> => {
      const id = await hold(account, password);
      await release(id);
      return id ?? '';
    };
    const stateOf = async (account: Account): Promise<Record<string, string>> =>
      Object.fromEntries((await spread.states(account.id)).map(({ system, is }) => [system, is]));
    const sealed = async (id: string): Promise<string | undefined> =>
      (await storage.db.selectFrom('spreads').select('secret').where('id', '=', id).executeTakeFirst())?.secret;

    test('brings a released password to every system, and erases it then', async () => {
      const [wiki, mail] = [new Told('wiki'), new Told('mail', { account: '{employeeNumber}' })];
      await begin([wiki, mail]);
      const account = newAccount();
      const id = await send(account, 'first');
      await expect.poll(() => stateOf(account), WITHIN).toEqual({ wiki: 'done', mail: 'done' });
      expect(wiki.calls).toMatchObject([{ link: account.username, password: 'first', attempt: { number: 1 } }]);
      expect(mail.calls).toMatchObject([{ link: '4711', password: 'first' }]);
      expect(await sealed(id)).toBe('');
      const told = await readAudit(storage.db, { subject: account.id, limit: 10 });
      expect(told.map(({ event, outcome }) => [event, outcome])).toEqual([
        ['system.password-set', 'success'],
        ['system.password-set', 'success'],
      ]);
      expect(JSON.stringify(told)).not.toContain('first');
    });

    test('sends nothing before the directory has said yes, and nothing after it said no', async () => {
      const wiki = new Told('wiki');
      await begin([wiki]);
      const account = newAccount();
      const id = (await hold(account, 'refused')) ?? '';
      expect(await sealed(id)).not.toContain('refused');
      expect((await spread.held(id))?.reveal()).toBe('refused');
      await storage.transaction((trx) => spread.drop(trx, id));
      await release(id);
      await outbox.idle();
      expect(wiki.calls).toEqual([]);
      expect(await sealed(id)).toBe('');
    });

    test('holds one write of an account at a time, so that the order is known', async () => {
      await begin([new Told('wiki')]);
      const account = newAccount();
      const id = await hold(account, 'one');
      await expect(hold(account, 'two')).rejects.toBeInstanceOf(SpreadBusy);
      await release(id);
      await expect(hold(account, 'two')).resolves.toEqual(expect.any(String));
    });

    test('does nothing for a person without connected systems', async () => {
      await begin([new Told('wiki', { appliesTo: () => false }), new Told('mail', { account: '{badge}' })]);
      expect(await hold(newAccount(), 'one')).toBeUndefined();
    });

    test('keeps to the order of dependencies, and goes in parallel where it may', async () => {
      const order: string[] = [];
      const gate = Promise.withResolvers<Delivered>();
      const [first, second, third] = [new Told('first'), new Told('second', { after: ['first'] }), new Told('third')];
      for (const one of [first, second, third])
        one.answer = (call) => {
          order.push(`${one.system.id} ${call.attempt.number}`);
          return one === first ? gate.promise : { is: 'delivered' };
        };
      await begin([first, second, third]);
      const account = newAccount();
      await send(account, 'one');
      await expect.poll(() => stateOf(account), WITHIN).toEqual({ first: 'waiting', second: 'waiting', third: 'done' });
      gate.resolve({ is: 'delivered' });
      await expect.poll(() => stateOf(account), WITHIN).toEqual({ first: 'done', second: 'done', third: 'done' });
      expect(order.indexOf('second 1')).toBeGreaterThan(order.indexOf('first 1'));
    });

    test('tries again until it works, with one idempotency key', async () => {
      const wiki = new Told('wiki');
      wiki.answer = ({ attempt }) =>
        attempt.number < 3 ? { is: 'retry', cause: 'busy', whole: false } : { is: 'delivered' };
      await begin([wiki]);
      const account = newAccount();
      await send(account, 'one');
      await expect.poll(() => stateOf(account), WITHIN).toEqual({ wiki: 'done' });
      expect(wiki.calls.map(({ attempt }) => attempt.number)).toEqual([1, 2, 3]);
      expect(new Set(wiki.calls.map(({ attempt }) => attempt.idempotencyKey)).size).toBe(1);
    });

    test('waits as long as a system asks', async () => {
      const at: number[] = [];
      const wiki = new Told('wiki');
      wiki.answer = () => {
        at.push(Date.now());
        return at.length === 1 ? { is: 'retry', after: 1_200, cause: '429', whole: false } : { is: 'delivered' };
      };
      await begin([wiki]);
      const account = newAccount();
      await send(account, 'one');
      await expect.poll(() => stateOf(account), WITHIN).toEqual({ wiki: 'done' });
      expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(1_190);
    });

    test('a newer password overtakes one that still waits', async () => {
      const wiki = new Told('wiki');
      wiki.answer = () => ({ is: 'retry', cause: 'busy', whole: false });
      await begin([wiki]);
      const account = newAccount();
      const older = await send(account, 'older');
      await expect.poll(() => wiki.calls.length, WITHIN).toBeGreaterThan(1);
      await send(account, 'newer');
      const from = wiki.calls.length;
      expect(await sealed(older)).toBe('');
      wiki.answer = () => ({ is: 'delivered' });
      await expect.poll(() => stateOf(account), WITHIN).toEqual({ wiki: 'done' });
      await outbox.idle();
      // One that had begun before may still have been counted.
      expect(wiki.calls.slice(from + 1).map(({ password }) => password)).not.toContain('older');
      expect(wiki.calls.at(-1)?.password).toBe('newer');
    });

    test('a newer password waits for an older one that is under way', async () => {
      const wiki = new Told('wiki');
      const gate = Promise.withResolvers<Delivered>();
      wiki.answer = ({ password }) => (password === 'older' ? gate.promise : { is: 'delivered' });
      await begin([wiki]);
      const account = newAccount();
      await send(account, 'older');
      await expect.poll(() => wiki.calls.length, WITHIN).toBe(1);
      await send(account, 'newer');
      await new Promise((later) => setTimeout(later, 300));
      expect(wiki.calls).toHaveLength(1);
      gate.resolve({ is: 'delivered' });
      await expect.poll(() => stateOf(account), WITHIN).toEqual({ wiki: 'done' });
      expect(wiki.calls.map(({ password }) => password)).toEqual(['older', 'newer']);
    });

    test('leaves a system alone that fails for everybody, and comes back with one probe', async () => {
      const wiki = new Told('wiki', { concurrency: 1 });
      wiki.answer = () => ({ is: 'retry', cause: 'refused', whole: true });
      await begin([wiki]);
      const people = Array.from({ length: 6 }, newAccount);
      for (const account of people) await send(account, 'one');
      await expect.poll(async () => (await spread.overview())[0]?.resumesAt, WITHIN).toBeDefined();
      expect(await spread.overview()).toMatchObject([
        { id: 'wiki', is: 'failing', cause: 'refused', waiting: 6, failed: 0 },
      ]);
      await expect.poll(() => wiki.calls.length, WITHIN).toBe(3);
      wiki.answer = () => ({ is: 'delivered' });
      for (const account of people) await expect.poll(() => stateOf(account), WITHIN).toEqual({ wiki: 'done' });
      expect(await spread.overview()).toMatchObject([{ is: 'working', failures: 0, waiting: 0 }]);
    });

    test('tells the person when a system refuses for good, and keeps the password for another try', async () => {
      const wiki = new Told('wiki');
      wiki.answer = () => ({ is: 'rejected', cause: 'The role is missing.', hint: 'Grant it.' });
      await begin([wiki]);
      const account = newAccount();
      const id = await send(account, 'one');
      await expect.poll(() => stateOf(account), WITHIN).toEqual({ wiki: 'failed' });
      expect(failures).toEqual([`${account.id} Mia Winter WIKI`]);
      expect(await spread.failures('wiki', 5)).toMatchObject([
        { accountId: account.id, cause: 'The role is missing. Grant it.' },
      ]);
      expect(await sealed(id)).not.toBe('');
      wiki.answer = () => ({ is: 'delivered' });
      expect(await spread.retry({ system: 'wiki' }, 'helper:bo')).toBe(1);
      await expect.poll(() => stateOf(account), WITHIN).toEqual({ wiki: 'done' });
      expect(await sealed(id)).toBe('');
      expect(await spread.retry({}, 'helper:bo')).toBe(0);
    });

    test('no account there is not an error', async () => {
      const wiki = new Told('wiki');
      wiki.answer = () => ({ is: 'no-account' });
      await begin([wiki, new Told('mail', { after: ['wiki'] })]);
      const account = newAccount();
      const id = await send(account, 'one');
      await expect.poll(() => stateOf(account), WITHIN).toEqual({ wiki: 'no-account', mail: 'done' });
      expect(failures).toEqual([]);
      expect(await sealed(id)).toBe('');
    });

    test('gives up at the deadline, erases the password and tells the person', async () => {
      const wiki = new Told('wiki');
      wiki.answer = () => ({ is: 'retry', cause: 'down', whole: false });
      await begin([wiki], { deadline: 1_000 });
      const account = newAccount();
      const id = await send(account, 'one');
      await expect.poll(() => stateOf(account), WITHIN).toEqual({ wiki: 'failed' });
      expect(await sealed(id)).toBe('');
      expect(failures).toHaveLength(1);
      expect(await spread.failures(undefined, 5)).toMatchObject([{ cause: 'down' }]);
      const tried = wiki.calls.length;
      expect(await spread.retry({ accountId: account.id }, 'helper:bo')).toBe(0);
      await outbox.idle();
      expect(wiki.calls).toHaveLength(tried);
    });

    test('a paused system gets nothing until it is resumed', async () => {
      const wiki = new Told('wiki');
      await begin([wiki]);
      await spread.pause('wiki', 'operator:kim');
      const account = newAccount();
      await send(account, 'one');
      await outbox.idle();
      expect(wiki.calls).toEqual([]);
      expect(await spread.overview()).toMatchObject([{ is: 'paused', pausedBy: 'operator:kim', waiting: 1 }]);
      expect(await spread.resume('wiki', 'operator:kim')).toBe(1);
      await expect.poll(() => stateOf(account), WITHIN).toEqual({ wiki: 'done' });
    });

    test('an attempt without an end is given up, and tried again', async () => {
      const wiki = new Told('wiki');
      wiki.answer = ({ attempt }) => (attempt.number === 1 ? new Promise(() => {}) : { is: 'delivered' });
      await begin([wiki], { attemptMs: 200 });
      const account = newAccount();
      await send(account, 'one');
      await expect.poll(() => stateOf(account), WITHIN).toEqual({ wiki: 'done' });
      expect(wiki.calls).toHaveLength(2);
    });

    test('unlocks travel to systems that can, and a new password drops the demand for one', async () => {
      const [wiki, mail] = [new Told('wiki', {}, { unlock: true, mustChange: true }), new Told('mail')];
      await begin([wiki, mail]);
      const account = newAccount();
      await storage.transaction((trx) => spread.order(trx, account, 'unlock'));
      outbox.nudge();
      await expect.poll(() => wiki.calls.map(({ is }) => is), WITHIN).toEqual(['unlock']);
      await spread.pause('wiki', 'operator:kim');
      await storage.transaction((trx) => spread.order(trx, account, 'must-change'));
      await send(account, 'one');
      await spread.resume('wiki', 'operator:kim');
      await expect.poll(() => wiki.calls.map(({ is }) => is), WITHIN).toEqual(['unlock', 'password']);
      await outbox.idle();
      expect(mail.calls.map(({ is }) => is)).toEqual(['password']);
      expect(wiki.calls).toHaveLength(2);
    });

    test('wakes what was forgotten', async () => {
      const wiki = new Told('wiki');
      await begin([wiki]);
      const account = newAccount();
      await spread.pause('wiki', 'x');
      await send(account, 'one');
      await outbox.idle();
      await storage.db.updateTable('systems').set({ paused_at: null }).execute();
      await storage.db
        .updateTable('spread_targets')
        .set({ due_at: Date.now() - 120_000 })
        .execute();
      await spread.wakeForgotten();
      outbox.nudge();
      await expect.poll(() => stateOf(account), WITHIN).toEqual({ wiki: 'done' });
    });

    test('previews what each system would be told', async () => {
      const nobody = new Told('library', { appliesTo: () => false });
      const trusting = new Told('hook', {}, { find: false });
      await begin([new Told('wiki', { account: '{mail|local}' }), nobody, trusting]);
      const account = newAccount();
      expect(await spread.preview(account)).toEqual([
        { system: 'wiki', label: 'WIKI', is: 'found', link: 'mia', name: 'role mia' },
        { system: 'library', label: 'LIBRARY', is: 'not-theirs' },
        { system: 'hook', label: 'HOOK', is: 'taken-on-trust', link: account.username },
      ]);
    });

    test('never logs or keeps a password in clear', async () => {
      const wiki = new Told('wiki');
      wiki.answer = () => ({ is: 'retry', cause: 'busy', whole: false });
      await begin([wiki]);
      await send(newAccount(), 'Plain-Text-77-lantern');
      await expect.poll(() => wiki.calls.length, WITHIN).toBeGreaterThan(0);
      for (const table of ['outbox', 'spreads', 'spread_targets', 'audit'] as const)
        expect(JSON.stringify(await storage.db.selectFrom(table).selectAll().execute())).not.toContain('Plain-Text');
    });
  });
}
