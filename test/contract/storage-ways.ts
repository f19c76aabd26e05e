/** What both engines must do alike with tickets, what is known of people, and how authenticators are found again. Part of storage.ts. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { newId, newToken } from '../../src/kernel/random.ts';
import { StaleWrite } from '../../src/storage/index.ts';
import { createAuthenticators } from '../../src/storage/repositories/authenticators.ts';
import * as incidents from '../../src/storage/repositories/incidents.ts';
import * as people from '../../src/storage/repositories/people.ts';
import { createTickets, type Ticket } from '../../src/storage/repositories/tickets.ts';
import type { Storage } from '../../src/storage/storage.ts';

const NOW = Date.UTC(2026, 10, 23, 8);
const LATER = NOW + 60_000;
const keyring = createKeyring([{ id: 'test', bytes: randomBytes(32) }]);
const tickets = createTickets(keyring);
const authenticators = createAuthenticators(keyring);

/** `storage`: the one that the suite opens before its tests. */
export function storageOfWays(storage: () => Storage): void {
  describe('tickets', () => {
    const issue = async (over: Partial<Ticket & { token: string }> = {}) => {
      const ticket = {
        id: newId(),
        token: newToken(),
        purpose: 'stop',
        accountId: newId(),
        data: { number: 42 },
        expiresAt: LATER,
        ...over,
      };
      await tickets.issue(storage().db, ticket, NOW);
      return ticket;
    };

    test('are found by their value, for their purpose, until they expire; value and content lie nowhere in clear', async () => {
      const { db } = storage();
      const { id, token } = await issue({ data: { secret: 'quiet heron' } });
      expect(await tickets.findByToken(db, 'stop', token, NOW)).toMatchObject({ id, data: { secret: 'quiet heron' } });
      expect(await tickets.findByToken(db, 'approval', token, NOW)).toBeUndefined();
      expect(await tickets.findByToken(db, 'stop', newToken(), NOW)).toBeUndefined();
      expect(await tickets.findByToken(db, 'stop', token, LATER)).toBeUndefined();
      const rows = JSON.stringify(await db.selectFrom('tickets').selectAll().execute());
      expect(rows).not.toContain(token);
      expect(rows).not.toContain('quiet heron');
    });

    test('are used once of 50 at the same moment, and are still found as used', async () => {
      const { db } = storage();
      const { id, token } = await issue();
      const uses = await Promise.allSettled(Array.from({ length: 50 }, () => tickets.use(db, id, NOW + 1)));
      expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const one of uses) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(StaleWrite);
      expect(await tickets.findByToken(db, 'stop', token, NOW)).toMatchObject({ usedAt: NOW + 1 });
    });

    test('are answered once, and not once they were used', async () => {
      const { db } = storage();
      const { id } = await issue();
      await tickets.answer(db, id, { approved: true });
      await expect(tickets.answer(db, id, { approved: false })).rejects.toThrow(StaleWrite);
      expect(await tickets.find(db, id)).toMatchObject({ answer: { approved: true } });
      const used = await issue();
      await tickets.use(db, used.id, NOW);
      await expect(tickets.answer(db, used.id, { approved: true })).rejects.toThrow(StaleWrite);
      await expect(tickets.use(db, newId(), NOW)).rejects.toThrow(StaleWrite);
    });

    test('of an account can all be made worthless, those for other things and of other people not', async () => {
      const { db } = storage();
      const accountId = newId();
      const [one, two] = [await issue({ accountId }), await issue({ accountId })];
      const spared = [await issue({ accountId, purpose: 'approval' }), await issue()];
      expect(await tickets.useAll(db, accountId, 'stop', NOW)).toBe(2);
      for (const { id } of [one, two]) await expect(tickets.use(db, id, NOW)).rejects.toThrow(StaleWrite);
      for (const { id } of spared) await tickets.use(db, id, NOW);
    });

    test('a use rolls back with what it was to open', async () => {
      const { id } = await issue();
      const failing = storage().transaction(async (trx) => {
        await tickets.use(trx, id, NOW);
        throw new Error('The rest failed.');
      });
      await expect(failing).rejects.toThrow('The rest failed.');
      await tickets.use(storage().db, id, NOW);
    });

    test('go when they expired', async () => {
      const { db } = storage();
      const old = await issue({ expiresAt: NOW - 1 });
      const young = await issue();
      expect(await tickets.sweep(db, NOW)).toBeGreaterThanOrEqual(1);
      expect(await tickets.find(db, old.id)).toBeUndefined();
      expect(await tickets.find(db, young.id)).toBeDefined();
    });
  });

  describe('people', () => {
    const who = () => ({ id: newId(), directory: 'corp', key: newId() });

    test('keep the instant of their first way to verify, whatever they add later', async () => {
      const { db } = storage();
      const person = who();
      expect(await people.find(db, person.id)).toBeUndefined();
      await people.enrolled(db, person, NOW);
      await people.enrolled(db, person, LATER);
      await people.confirmed(db, person, LATER + 1);
      expect(await people.find(db, person.id)).toEqual({
        accountId: person.id,
        directory: 'corp',
        directoryKey: person.key,
        enrolledAt: NOW,
        confirmedAt: LATER + 1,
        frozenAt: undefined,
        frozenReason: undefined,
      });
    });

    test('are frozen without ever having enrolled, and thawed once', async () => {
      const { db } = storage();
      const person = who();
      await people.freeze(db, person, 'It was not them.', NOW);
      expect(await people.find(db, person.id)).toMatchObject({ frozenAt: NOW, frozenReason: 'It was not them.' });
      await people.enrolled(db, person, LATER);
      expect(await people.find(db, person.id)).toMatchObject({ frozenAt: NOW, enrolledAt: LATER });
      expect(await people.thaw(db, person.id)).toBe(true);
      expect(await people.thaw(db, person.id)).toBe(false);
      expect(await people.find(db, person.id)).toMatchObject({ frozenAt: undefined, enrolledAt: LATER });
    });

    test('have incidents that are open until somebody closes them', async () => {
      const { db } = storage();
      const { id: accountId } = who();
      await incidents.open(db, { accountId, kind: 'risk', says: 'Many names from one source.' }, NOW);
      await incidents.open(db, { accountId, kind: 'not-me', says: 'Stopped by the person.' }, LATER);
      const open = () => incidents.list(db, { accountId, open: true, limit: 10 });
      expect((await open()).map(({ kind }) => kind)).toEqual(['not-me', 'risk']);
      expect(await incidents.closeAll(db, accountId, 'operator', LATER + 1)).toBe(2);
      expect(await open()).toEqual([]);
      expect(await incidents.list(db, { accountId, limit: 1 })).toMatchObject([
        { kind: 'not-me', closedBy: 'operator', closedAt: LATER + 1 },
      ]);
    });
  });

  describe('authenticators', () => {
    test('are found by what they were kept with, across accounts, and the row does not tell it', async () => {
      const { db } = storage();
      const lookup = `phone:+49151${Date.now()}`;
      const add = async (over: object = {}) => {
        const row = { id: newId(), accountId: newId(), method: 'sms', label: '', data: {}, lookup, ...over };
        await authenticators.add(db, row, NOW);
        return row;
      };
      const [first, second] = [await add(), await add({ settlesAt: LATER })];
      await add({ lookup: `${lookup}0` });
      await add({ lookup: undefined });
      const found = await authenticators.findByLookup(db, lookup);
      expect(found.map(({ id }) => id).sort()).toEqual([first.id, second.id].sort());
      expect(found.find(({ id }) => id === second.id)).toMatchObject({ settlesAt: LATER });
      expect(found.find(({ id }) => id === first.id)?.settlesAt).toBeUndefined();
      expect(JSON.stringify(await db.selectFrom('authenticators').selectAll().execute())).not.toContain(lookup);
    });
  });

  test('all of them work on the `trx` of a transaction, and roll back with it', async () => {
    const person = { id: newId(), directory: 'corp', key: newId() };
    const ticket = {
      id: newId(),
      token: newToken(),
      purpose: 'stop',
      accountId: person.id,
      data: {},
      expiresAt: LATER,
    };
    const failing = storage().transaction(async (trx) => {
      await tickets.issue(trx, ticket, NOW);
      await people.enrolled(trx, person, NOW);
      await incidents.open(trx, { accountId: person.id, kind: 'risk', says: 'Odd.' }, NOW);
      throw new Error('Not so.');
    });
    await expect(failing).rejects.toThrow('Not so.');
    const { db } = storage();
    expect(await tickets.find(db, ticket.id)).toBeUndefined();
    expect(await people.find(db, person.id)).toBeUndefined();
    expect(await incidents.list(db, { accountId: person.id, limit: 1 })).toEqual([]);
  });
}
