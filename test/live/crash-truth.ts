/** After the crashes: a node whose clock is minutes ahead takes up what the dead ones left, and then all that was told must be true. */
import { pino } from 'pino';
import { expect } from 'vitest';
import { type AuditEntry, readAudit } from '../../src/audit/read.ts';
import { compose, type Sparekey } from '../../src/compose.ts';
import { readKeysFile } from '../../src/config/keys-file.ts';
import { loadConfig } from '../../src/config/load.ts';
import { renderProblems } from '../../src/config/problem.ts';
import { SETTLE_PASSWORD } from '../../src/flow/journey/password.ts';
import type { Journey } from '../../src/flow/journey/states.ts';
import { registries } from '../../src/registries.ts';
import type { Mailbox } from '../kit/mailbox.ts';
import { until } from '../kit/servers/process.ts';
import { createShiftedClock } from '../kit/shifted-clock.ts';
import { WebClient } from '../kit/web-client.ts';
import type { Traveller } from './crash-travellers.ts';

/** Later than every lease of the nodes before, and than their writes are waited for. */
const LATER = 300_000;

/** Same database, same keys, same code; only its clock is ahead (ms). Does not listen. */
export async function openNode(file: string, ahead = 0): Promise<Sparekey> {
  const loaded = loadConfig({ file, env: {}, registries });
  if (loaded.is === 'invalid') throw new Error(renderProblems(loaded.problems));
  const keys = readKeysFile(loaded.config.keysFile);
  if (keys.is !== 'opened') throw new Error('The keys of the nodes are gone.');
  const logger = pino({ level: 'silent' });
  return compose({ config: loaded.config, keys: keys.keys, clock: createShiftedClock(ahead), logger });
}

export const audited = async (sparekey: Sparekey): Promise<AuditEntry[]> =>
  (await readAudit(sparekey.storage.db, { limit: 1_000_000 })).reverse();

const count = (entries: readonly AuditEntry[], event: string, key: (entry: AuditEntry) => string) => {
  const counts = new Map<string, number>();
  for (const entry of entries) if (entry.event === event) counts.set(key(entry), (counts.get(key(entry)) ?? 0) + 1);
  return counts;
};

export interface TruthInput {
  file: string;
  /** Where `file` says that it listens. */
  port: number;
  people: readonly Traveller[];
  mailbox: Mailbox;
  origin: string;
  /** Asked of the directory, not of the code under test, where there is a server. */
  signsIn(sparekey: Sparekey, username: string, password: string): Promise<boolean>;
}

export async function expectTruth({ file, port, people, mailbox, origin, signsIn }: TruthInput): Promise<void> {
  const later = await openNode(file, LATER);
  try {
    await later.start();
    await later.server.listen({ host: '127.0.0.1', port });
    const { db } = later.storage;
    const left = async () => {
      later.outbox.nudge();
      const waiting = await db.selectFrom('outbox').selectAll().where('state', '=', 'waiting').execute();
      return waiting.filter(({ kind }) => kind === 'mail' || kind === SETTLE_PASSWORD);
    };
    await until(async () => (await left()).length === 0, 'the work of the dead nodes to be done', 60_000).catch(
      async (cause) => {
        const rows = (await left()).map(({ payload: _, ...row }) => JSON.stringify(row));
        throw new Error(`${rows.join('\n')}\nNow: ${later.flow.clock.now()}`, { cause });
      },
    );
    const dead = await later.outbox.dead(10);
    expect(dead, 'nothing was given up').toEqual([]);

    const flows = await db.selectFrom('flows').select('id').execute();
    for (const { id } of flows) {
      const journey = (await later.flow.flows.find(db, id))?.state as unknown as Journey;
      expect(['applying', 'unsettled'], 'no write stays open for ever').not.toContain(journey.state.at);
    }

    for (const { username, password, pending } of people) {
      const old = await signsIn(later, username, password);
      const asked = pending !== undefined && (await signsIn(later, username, pending));
      expect([old, asked].filter(Boolean), `${username}: exactly one password, and never none`).toHaveLength(1);
    }

    const entries = await audited(later);
    expect((await later.audit.verify(db)).faults, 'the chain of the audit').toEqual([]);
    const sets = count(entries, 'recovery.password-set', ({ flow }) => flow ?? '');
    expect(
      [...sets.values()].filter((times) => times !== 1),
      'a journey sets one password',
    ).toEqual([]);
    const gates = count(entries, 'recovery.verified', ({ flow, method }) => `${flow} ${method}`);
    expect(
      [...gates.values()].filter((times) => times !== 1),
      'a gate opens once',
    ).toEqual([]);
    const perPerson = count(entries, 'recovery.password-set', ({ subject }) => subject ?? '');
    for (const person of people) {
      const found = await later.directory.find(person.username);
      const changes = (found.is === 'found' && perPerson.get(found.account.id)) || 0;
      expect(changes, `${person.username}: everything that was told is in the audit`).toBeGreaterThanOrEqual(
        person.told,
      );
      if (changes > 0) await mailbox.arrive(person.address, /your password was reset/, changes, 30_000);
    }

    await expectNothingTwice(later, people, `http://127.0.0.1:${port}`, origin, mailbox);
  } finally {
    await later.close();
  }
}

/** Sends every answer again that once opened a gate, and tries used saved codes in new journeys. */
async function expectNothingTwice(
  later: Sparekey,
  people: readonly Traveller[],
  base: string,
  origin: string,
  mailbox: Mailbox,
): Promise<void> {
  const opened = async () =>
    (await audited(later)).filter(({ event }) => /\.(verified|password-set)$/.test(event)).length;
  const before = await opened();
  const again = people.flatMap(({ answered }) => answered);
  expect(again.length).toBeGreaterThan(0);
  for (const request of again) await new WebClient({ base, origin }).send(request);
  expect(await opened(), 'no answer counts a second time').toBe(before);

  const users = people.filter(({ usedCodes }) => usedCodes.length > 0).slice(0, 3);
  expect(users.length).toBeGreaterThan(0);
  for (const person of users) {
    const client = new WebClient({ base, origin });
    await client.get('/');
    await client.submit('/recover', { identifier: person.username });
    const mark = mailbox.mark(person.address);
    await client.submit('/recover/method', { method: 'email' });
    await client.submit('/recover/answer', { code: await mailbox.code(person.address, mark) });
    await client.submit('/recover/method', { method: 'recovery-code' });
    await client.submit('/recover/answer', { code: person.usedCodes[0] ?? '' });
    expect(client.text(), 'a saved code works once').toContain('That code doesn’t match');
  }
}
