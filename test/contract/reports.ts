/**
 * Every figure of a report, counted a second way: weeks of made-up journeys are written to the audit as the flow writes them, and
 * what they add up to is taken from the made-up journeys themselves, one by one.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../src/audit/audit.ts';
import { createAudit } from '../../src/audit/index.ts';
import { createCalendar } from '../../src/insight/reports/calendar.ts';
import type { ReportDeps } from '../../src/insight/reports/deps.ts';
import { ERROR } from '../../src/insight/reports/histogram.ts';
import { createReports } from '../../src/insight/reports/reports.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { openStorage, type StorageConfig } from '../../src/storage/index.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

const ZONE = 'Europe/Berlin';
const DAY = 86_400_000;
/** Summer time ends in between, on 2026-10-25. */
const BEGIN = Date.UTC(2026, 8, 20);
const DAYS = 60;
const NOW = BEGIN + DAYS * DAY;
const METHODS = ['email', 'totp', 'sms', 'recovery-code'] as const;
const RULES = ['default', 'privileged', 'Class “7b”'] as const;

/** mulberry32: the same journeys at every run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One made-up journey and what is true of it. */
interface Told {
  kind: 'recovery' | 'unlock' | 'change';
  rule: string | undefined;
  begun: number;
  turnedAway?: string;
  chosen: { method: string; gate: number }[];
  passed: { method: string; gate: number; at: number }[];
  hurdles: { method: string; reason: string }[];
  broken: string[];
  end?: { why: string; at: number; ms: number; assisted: boolean };
  mails: number;
  texts: number;
  stars?: number;
}

function journeys(count: number): Told[] {
  const random = dice(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  return Array.from({ length: count }, (): Told => {
    const begun = BEGIN + Math.floor(random() * (DAYS - 1) * DAY);
    const kind = pick(['recovery', 'recovery', 'recovery', 'unlock', 'change'] as const);
    const told: Told = {
      kind,
      rule: pick(RULES),
      begun,
      chosen: [],
      passed: [],
      hurdles: [],
      broken: [],
      mails: 0,
      texts: 0,
    };
    if (kind === 'change') {
      told.end = { why: 'done', at: begun + 20_000, ms: 20_000, assisted: false };
      return told;
    }
    if (random() < 0.15) return { ...told, rule: undefined, turnedAway: pick(['no-account', 'limit']) };
    let at = begun;
    for (let gate = 1; gate <= 2; gate += 1) {
      const method = METHODS[(gate - 1) * 2 + Math.floor(random() * 2)] as string;
      told.chosen.push({ method, gate });
      if (method === 'email') told.mails += 1;
      if (method === 'sms') told.texts += 1;
      if (random() < 0.2) told.hurdles.push({ method, reason: 'mismatched' });
      if (random() < 0.12) return random() < 0.3 ? { ...told, end: ended('cancelled', at) } : told;
      at += 5_000 + Math.floor(random() ** 3 * 900_000);
      told.passed.push({ method, gate, at });
    }
    if (random() < 0.1) told.broken.push('common', 'min-length');
    if (random() < 0.05) return { ...told, end: ended('blocked:disabled', at) };
    at += 15_000;
    told.end = { ...ended('done', at), assisted: random() < 0.1 };
    told.mails += 1;
    if (random() < 0.4) told.stars = 1 + Math.floor(random() * 5);
    return told;

    function ended(why: string, when: number) {
      return { why, at: when, ms: when - begun, assisted: false };
    }
  });
}

/** As the flow writes it down. */
function recordsOf(told: Told): { at: number; record: AuditRecord }[] {
  const { kind, rule, begun, end } = told;
  const out: { at: number; record: AuditRecord }[] = [];
  const add = (at: number, event: string, detail: Record<string, unknown>, method?: string) =>
    out.push({
      at,
      record: {
        event: event as AuditRecord['event'],
        outcome: 'success',
        actor: 'anonymous',
        ...(method === undefined ? {} : { method }),
        detail: detail as NonNullable<AuditRecord['detail']>,
      },
    });
  if (rule === undefined) {
    add(begun, `${kind}.started`, { why: told.turnedAway });
    return out;
  }
  add(begun, `${kind}.started`, { rule });
  for (const { method, gate } of told.chosen) {
    const messages = { ...(method === 'email' ? { mail: 1 } : {}), ...(method === 'sms' ? { text: 1 } : {}) };
    add(begun, `${kind}.challenged`, { rule, gate, first: true, messages }, method);
    for (const hurdle of told.hurdles.filter((one) => one.method === method))
      add(begun, `${kind}.${hurdle.reason}`, { rule, gate }, method);
    const passed = told.passed.find((one) => one.method === method);
    if (passed) add(passed.at, `${kind}.verified`, { rule, gate, to: gate === 2 ? 'goal' : 'gate' }, method);
  }
  if (told.broken.length > 0) add(begun, `${kind}.password-refused`, { rule, rules: told.broken });
  if (end)
    add(end.at, end.why === 'done' ? `${kind}.done` : `${kind}.stopped`, {
      rule,
      end: end.why,
      ms: end.ms,
      ...(end.assisted ? { assisted: true } : {}),
      ...(end.why === 'done' && kind !== 'change' ? { messages: { mail: 1 } } : {}),
    });
  if (told.stars !== undefined && end) add(end.at, 'journey.rated', { rule, kind, stars: told.stars });
  return out;
}

export function reportsContract(engine: string, newDatabase: () => Promise<StorageConfig>): void {
  describe(`reports on ${engine}`, () => {
    let storage: Storage;
    const clock = createFakeClock(BEGIN);
    const keyring = createKeyring([{ id: 'test', bytes: randomBytes(32) }]);
    const audit = createAudit({ keyring, clock });
    const all = journeys(1_500);
    const written = all.flatMap(recordsOf).sort((a, b) => a.at - b.at);
    const calendar = createCalendar(ZONE);
    const sent: string[] = [];

    const service = (over: Partial<ReportDeps['settings']> = {}) =>
      createReports(
        {
          storage,
          audit,
          clock,
          outbox: {
            enqueue: async (_trx: unknown, job: { payload: unknown }) => {
              sent.push(JSON.stringify(job.payload));
              return 'id';
            },
            nudge: () => {},
          } as unknown as ReportDeps['outbox'],
          log: { warn: () => {} } as unknown as ReportDeps['log'],
          settings: {
            costPerCall: 22,
            currency: 'EUR',
            callsAvoidedShare: 0.8,
            prices: { mail: 0.001, text: 0.08, call: 0.12 },
            weekly: [],
            keep: 1_100 * DAY,
            ...over,
          },
          calendar,
          language: 'en',
          rules: ['default'],
        },
        async () => [
          { group: 'default', eligible: 80, enrolled: 60 },
          { group: 'privileged', eligible: 20, enrolled: 5 },
        ],
      );

    beforeAll(async () => {
      storage = await openStorage(await newDatabase());
      for (let n = 0; n < written.length; n += 100)
        await storage.transaction(async (trx) => {
          for (const { at, record } of written.slice(n, n + 100)) {
            clock.set(at);
            await audit.append(trx, record);
          }
        });
      clock.set(NOW);
      // In small bites, by two nodes that take turns and get in each other's way.
      const nodes = [service(), service()] as const;
      await Promise.all(nodes.map((node) => node.work({ bite: 37 })));
      await nodes[1].work({ bite: 37 });
    });
    afterAll(() => storage?.close());

    /** The second way. */
    function expected(from: string, to: string, group?: string) {
      const within = (at: number) => calendar(at).day >= from && calendar(at).day <= to;
      const mine = all.filter(({ rule }) => group === undefined || rule === group);
      const opening = mine.filter(({ kind, rule }) => kind !== 'change' && rule !== undefined);
      const done = (kind: string) =>
        mine.filter((one) => one.kind === kind && one.end?.why === 'done' && within(one.end.at)).length;
      const count = <T>(list: readonly T[], fits: (one: T) => boolean) => list.filter(fits).length;
      const times = mine
        .filter((one) => one.kind === 'recovery' && one.end?.why === 'done' && within(one.end.at))
        .map(({ end }) => end?.ms ?? 0)
        .sort((a, b) => a - b);
      const stars = mine.filter((one) => one.stars !== undefined && one.end && within(one.end.at));
      const [resets, unlocks] = [done('recovery'), done('unlock')];
      const assisted = count(opening, ({ end }) => end?.assisted === true && within(end.at));
      const mails =
        mine.reduce(
          (n, one) => n + (within(one.begun) ? count(one.chosen, ({ method }) => method === 'email') : 0),
          0,
        ) + count(opening, ({ end }) => end?.why === 'done' && within(end.at));
      const texts = mine.reduce(
        (n, one) => n + (within(one.begun) ? count(one.chosen, ({ method }) => method === 'sms') : 0),
        0,
      );
      const avoided = (resets + unlocks - assisted) * 0.8;
      return {
        resets,
        unlocks,
        changes: done('change'),
        assisted,
        times,
        started: count(opening, ({ begun }) => within(begun)),
        gates: [1, 2].map((gate) =>
          opening.reduce((n, one) => n + count(one.passed, (each) => each.gate === gate && within(each.at)), 0),
        ),
        methods: METHODS.map((method) => ({
          method,
          chosen: opening.reduce(
            (n, one) => n + (within(one.begun) ? count(one.chosen, (c) => c.method === method) : 0),
            0,
          ),
          passed: opening.reduce((n, one) => n + count(one.passed, (c) => c.method === method && within(c.at)), 0),
        })),
        ended: ['cancelled', 'blocked:disabled'].map((why) => ({
          name: why,
          n: count(opening, ({ end }) => end?.why === why && within(end.at)),
        })),
        mismatched: opening.reduce((n, one) => n + (within(one.begun) ? one.hurdles.length : 0), 0),
        broken: count(opening, ({ broken, begun }) => broken.length > 0 && within(begun)),
        turnedAway: count(mine, ({ rule, begun }) => rule === undefined && within(begun)),
        rating: { n: stars.length, sum: stars.reduce((n, one) => n + (one.stars ?? 0), 0) },
        hours: Array.from({ length: 24 }, (_, hour) =>
          count(opening, ({ end }) => end?.why === 'done' && within(end.at) && calendar(end.at).hour === hour),
        ),
        mails,
        texts,
        avoided,
        net: avoided * 22 - mails * 0.001 - texts * 0.08,
      };
    }

    test.each([
      ['2026-09-20', '2026-11-19', undefined],
      ['2026-10-01', '2026-10-31', undefined],
      // Over the end of summer time, and with months cut on both sides.
      ['2026-09-28', '2026-11-03', undefined],
      ['2026-10-25', '2026-10-25', undefined],
      ['2026-10-01', '2026-11-10', 'Class “7b”'],
      ['2020-01-01', '2020-02-01', undefined],
    ])('from %s to %s (%s) every figure is what the journeys add up to', async (from, to, group) => {
      const report = await service().report({ from, to, group });
      const right = expected(from, to, group);
      const of = (name: string) => report.funnel.find((step) => step.name === name)?.n ?? 0;
      expect({
        resets: report.resets,
        unlocks: report.unlocks,
        changes: report.changes,
        assisted: report.assisted,
        started: of('started'),
        gates: [of('gate-1'), of('gate-2')],
        through: of('through'),
        done: of('done'),
      }).toEqual({
        resets: right.resets,
        unlocks: right.unlocks,
        changes: right.changes,
        assisted: right.assisted,
        started: right.started,
        gates: right.gates,
        through: right.gates[1],
        done: right.resets + right.unlocks,
      });
      const ways = METHODS.map(
        (method) => report.methods.find((one) => one.method === method) ?? { method, chosen: 0, passed: 0 },
      );
      expect(ways).toEqual(right.methods);
      expect(
        right.ended.map(({ name }) => ({ name, n: report.ended.find((one) => one.name === name)?.n ?? 0 })),
      ).toEqual(right.ended);
      expect(report.hurdles.reduce((n, one) => n + one.n, 0)).toBe(right.mismatched);
      for (const rule of ['common', 'min-length'])
        expect(report.rules.find(({ name }) => name === rule)?.n ?? 0).toBe(right.broken);
      expect(report.turnedAway.reduce((n, one) => n + one.n, 0)).toBe(right.turnedAway);
      expect(report.byHour).toEqual(right.hours);
      expect(report.rating?.n ?? 0).toBe(right.rating.n);
      if (report.rating) expect(report.rating.average).toBeCloseTo(right.rating.sum / right.rating.n, 10);
      const sums = report.byTime.reduce((n, { resets, unlocks, changes }) => n + resets + unlocks + changes, 0);
      expect(sums).toBe(right.resets + right.unlocks + right.changes);
      const sentBy = Object.fromEntries(report.messages.map(({ channel, sent: n }) => [channel, n]));
      expect(sentBy).toEqual({ mail: right.mails, text: right.texts, call: 0 });
      expect(report.savings.callsAvoided).toBeCloseTo(right.avoided, 6);
      expect(report.savings.money?.net).toBeCloseTo(right.net, 6);
      expect(report.time?.n ?? 0).toBe(right.times.length);
      if (report.time) {
        const exact = (q: number) => right.times[Math.max(1, Math.ceil(q * right.times.length)) - 1] as number;
        expect(Math.abs(report.time.median / exact(0.5) - 1)).toBeLessThanOrEqual(ERROR + 1e-9);
        expect(Math.abs(report.time.p90 / exact(0.9) - 1)).toBeLessThanOrEqual(ERROR + 1e-9);
      }
    });

    test('counting anew gives the same, and a record that can’t be read counts nothing', async () => {
      const before = await service().report({ from: '2026-09-20', to: '2026-11-19' });
      expect(await service().rebuild({ bite: 501 })).toEqual({ is: 'done', records: written.length });
      expect(await service().report({ from: '2026-09-20', to: '2026-11-19' })).toEqual(before);
      expect((await service().standing()).waiting).toBe(0);
    });

    test('the file holds every count, day by day, as often as the report says', async () => {
      const range = { from: '2026-10-01', to: '2026-10-31' };
      const lines = (await service().csv(range).toArray()).join('').trim().split('\n').slice(1);
      const resets = lines
        .map((line) => line.split(','))
        .filter((cells) => cells[1] === 'done' && cells[2] === 'recovery')
        .reduce((n, cells) => n + Number(cells.at(-1)), 0);
      expect(resets).toBe((await service().report(range)).resets);
    });

    test('adoption is as of the last day that was counted', async () => {
      const today = calendar(NOW).day;
      expect((await service().report({ from: today, to: today })).adoption).toEqual({
        day: today,
        eligible: 100,
        enrolled: 65,
      });
      expect((await service().report({ from: today, to: today, group: 'privileged' })).adoption).toMatchObject({
        eligible: 20,
        enrolled: 5,
      });
    });

    test('the weekly mail leaves once, on Monday at six over there, whatever number of nodes', async () => {
      sent.length = 0;
      const weekly = { weekly: ['head@northfield.example', 'board@northfield.example'] };
      // A Monday.
      clock.set(Date.UTC(2026, 10, 23, 4, 59));
      await service(weekly).work();
      expect(sent).toEqual([]);
      clock.set(Date.UTC(2026, 10, 23, 5));
      await Promise.all([service(weekly).work(), service(weekly).work()]);
      clock.advance(60_000);
      await service(weekly).work();
      expect(sent).toHaveLength(2);
      const right = expected('2026-11-16', '2026-11-22');
      expect(JSON.parse(sent[0] as string)).toMatchObject({
        to: 'head@northfield.example',
        values: {
          from: '2026-11-16',
          to: '2026-11-22',
          resets: right.resets,
          unlocks: right.unlocks,
          saved: Math.round(right.net),
        },
      });
    });

    test.each([
      [{ from: '2026-02-30', to: '2026-10-31' }, '2026-10-02', '2026-10-31'],
      [{ from: '2026-11-30', to: '2026-10-31' }, '2026-10-02', '2026-10-31'],
      [{ from: "' or 1=1", to: '9999-99-99' }, undefined, undefined],
      [{ from: '2000-01-01', to: '2199-12-31' }, '2189-12-24', '2199-12-31'],
    ])('%j becomes a range of days', (typed, from, to) => {
      const range = service().rangeOf(typed);
      if (from !== undefined) expect([range.from, range.to]).toEqual([from, to]);
      expect(range.from <= range.to).toBe(true);
    });
  });
}
