/** Readiness, preview of rules and trial run, from the pages down to the rows. */
import { describe, expect, test } from 'vitest';
import { days } from '../../src/kernel/clock.ts';
import { openReadiness } from '../../src/readiness.ts';
import * as accounts from '../../src/storage/repositories/builtin-accounts.ts';
import * as people from '../../src/storage/repositories/people.ts';
import * as store from '../../src/storage/repositories/readiness.ts';
import { type Built, build, type Person, SEED } from '../kit/build.ts';
import { STAFF, STAFF_PEOPLE, staffClient } from '../kit/staff.ts';

const PEOPLE: Person[] = [
  { username: 'ada', groups: ['staff'], addresses: ['ada@private.example'], seed: SEED },
  { username: 'bo', groups: ['staff'], addresses: ['bo@private.example'], sheet: true },
  { username: 'cem', groups: ['students'], addresses: ['cem@private.example'] },
  { username: 'dia', groups: ['students'] },
  { username: 'eve', groups: ['students'], disabled: true },
  { username: 'fay', groups: ['administrators'], addresses: ['fay@private.example'], seed: SEED },
  { username: 'gus', displayName: '=HYPERLINK("x")', groups: ['students'] },
];

async function house(env: Record<string, string> = {}) {
  const built = await build({ people: [...STAFF_PEOPLE, ...PEOPLE], env: { ...STAFF, ...env } });
  const readiness = await openReadiness(built.config, built.flow);
  expect(await readiness.work()).toEqual({ is: 'done' });
  const figures = (group?: string) => readiness.figures.overview(group, built.clock.now());
  const row = async (username: string) => (await store.search(built.storage.db, username, 1))[0];
  return { built, readiness, figures, row };
}

/** What the figures must be, counted a second way. */
async function recounted({ storage }: Built) {
  const rows = await store.page(storage.db, '', 1_000);
  const counts = new Map<string, number>();
  for (const { groups, verdict, reasons } of rows)
    for (const group of [store.EVERYBODY, ...groups.map(store.groupId)])
      for (const mark of [verdict, ...reasons]) {
        const key = `${group} ${mark}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
  return counts;
}

async function counted({ storage }: Built) {
  const rows = await storage.db.selectFrom('readiness_counts').selectAll().where('people', '!=', 0).execute();
  return new Map(rows.map((row) => [`${row.group_id} ${row.mark}`, row.people]));
}

describe('readiness', () => {
  test('says of everybody who could recover today and why not, as the journey would decide', async () => {
    const { figures, row } = await house();
    expect(await row('ada')).toMatchObject({ verdict: 'ready', reasons: [] });
    expect(await row('bo')).toMatchObject({ verdict: 'ready' });
    expect((await row('cem'))?.reasons).toEqual(['too-few-gates']);
    expect((await row('dia'))?.reasons).toEqual(['never-enrolled', 'unconfirmed-mail']);
    expect(await row('eve')).toMatchObject({ verdict: 'off', reasons: ['disabled'] });
    expect(await row('fay')).toMatchObject({ verdict: 'not-ready', reasons: ['protected'] });
    expect(await figures()).toMatchObject({ ready: 7, notReady: 4, off: 1, waiting: 0 });
    expect(await figures('Students')).toMatchObject({ ready: 0, notReady: 3, off: 1 });
  });

  test('follows enrolment, stop, removal and the directory, and its figures always equal a recount', async () => {
    const { built, readiness, figures, row } = await house();
    const { storage, flow, clock } = built;
    const cem = await row('cem');
    if (!cem) throw new Error('Cem is missing.');
    await flow.authenticators.add(
      storage.db,
      { id: 'new', accountId: cem.accountId, method: 'totp', label: '', data: { seed: SEED, lastStep: 0 } },
      clock.now(),
    );
    const ada = { id: (await row('ada'))?.accountId ?? '', directory: 'builtin', key: 'ada' };
    await people.freeze(storage.db, ada, 'Test', clock.now());
    expect(await figures()).toMatchObject({ waiting: 2 });
    await readiness.work();
    expect(await row('cem')).toMatchObject({ verdict: 'ready', reasons: [] });
    expect((await row('ada'))?.reasons).toEqual(['frozen']);
    expect(await counted(built)).toEqual(await recounted(built));
    await flow.authenticators.remove(storage.db, 'new');
    await people.thaw(storage.db, ada.id);
    await accounts.remove(storage.db, 'dia');
    await accounts.change(storage.db, 'bo', { groups: ['students'], displayName: 'Bo Anders' });
    clock.advance(days(1));
    await readiness.work();
    expect((await row('cem'))?.reasons).toEqual(['too-few-gates']);
    expect(await row('ada')).toMatchObject({ verdict: 'ready' });
    expect(await row('dia')).toBeUndefined();
    expect(await row('bo')).toMatchObject({ displayName: 'Bo Anders', groups: ['students'] });
    expect(await counted(built)).toEqual(await recounted(built));
    expect(await storage.db.selectFrom('readiness_marks').selectAll().execute()).toHaveLength(
      [...(await recounted(built)).values()].reduce((sum, n) => sum + n, 0),
    );
  });

  test('looks again by itself when a new contact has settled', async () => {
    const { built, readiness, row } = await house();
    const { storage, flow, clock } = built;
    const cem = await row('cem');
    const settlesAt = clock.now() + days(3);
    await flow.authenticators.add(
      storage.db,
      {
        id: 'late',
        accountId: cem?.accountId ?? '',
        method: 'totp',
        label: '',
        data: { seed: SEED, lastStep: 0 },
        settlesAt,
      },
      clock.now(),
    );
    await readiness.work();
    expect((await row('cem'))?.reasons).toContain('contact-settling');
    clock.advance(days(3) + 1);
    await readiness.work();
    expect(await row('cem')).toMatchObject({ verdict: 'ready' });
  });

  test('is one node’s work at a time, and another takes over what a dead one left', async () => {
    const { built, readiness } = await house();
    const { storage, clock } = built;
    const other = await openReadiness(built.config, built.flow);
    await store.claim(storage.db, { id: 'dead node', now: clock.now(), until: clock.now() + 60_000 });
    expect(await readiness.work()).toEqual({ is: 'busy' });
    clock.advance(60_001);
    expect(await other.work({ force: true })).toEqual({ is: 'done' });
    expect(await counted(built)).toEqual(await recounted(built));
  });

  test('tells operators once when a group falls, by incident and on the page', async () => {
    const { built, readiness, row } = await house({ SPAREKEY_READINESS_ALARM_PEOPLE: '2' });
    const { storage, clock } = built;
    await readiness.work({ force: true });
    clock.advance(days(1));
    for (const key of ['ada', 'bo']) {
      const id = (await row(key))?.accountId ?? '';
      await people.freeze(storage.db, { id, directory: 'builtin', key }, 'Test', clock.now());
    }
    await readiness.work({ force: true });
    await readiness.work({ force: true });
    const incidents = await storage.db.selectFrom('incidents').selectAll().where('kind', '=', 'drift').execute();
    expect(incidents).toHaveLength(1);
    expect(incidents[0]?.says).toContain('staff: 2 more (100 % → 0 % ready)');
    const client = await staffClient(built, 'olga');
    await client.get('/console/readiness');
    expect(client.html).toContain('Fewer people could recover');
  });
});

describe('the pages of readiness', () => {
  test('show figures first, then lists that are paged, filtered and saved without a formula', async () => {
    const { built } = await house();
    const client = await staffClient(built, 'olga');
    await client.get('/console/readiness');
    expect(client.status).toBe(200);
    expect(client.html).toMatch(/63(\.6)? ?%/);
    await client.get('/console/readiness/people?group=students&mark=never-enrolled');
    expect(client.html).toContain('dia Example');
    expect(client.html).not.toContain('cem Example');
    await client.get('/console/readiness/people.csv?group=students');
    expect(client.last.headers['content-type']).toContain('text/csv');
    expect(client.last.body).toContain('"\'=HYPERLINK(""x"")"');
    const events = (await built.audited()).filter(({ event }) => event === 'readiness.exported');
    expect(events).toMatchObject([{ actor: 'staff:olga' }]);
  });

  test('take whatever is typed into the address', async () => {
    const { built } = await house();
    const client = await staffClient(built, 'olga');
    const odd = [
      '%00',
      "' or 1=1 --",
      'x'.repeat(5_000),
      '[]',
      '{"a":1}',
      '\u{1F511}',
      '-1',
      '%',
      'WyJhIl0',
      'WzEsMl0',
    ];
    for (const name of ['group', 'mark', 'search', 'after'])
      for (const value of odd) {
        for (const path of ['/console/readiness', '/console/readiness/people', '/console/rules'])
          expect((await client.get(`${path}?${name}=${encodeURIComponent(value)}`)).status, `${name} ${value}`).toBe(
            200,
          );
        expect((await client.get(`/console/readiness/people?${name}=a&${name}=b`)).status).toBe(200);
      }
  });

  test('are closed to helpers, and an auditor sees figures but tries nothing', async () => {
    const { built } = await house();
    const helper = await staffClient(built, 'hedda');
    expect((await helper.get('/console/readiness')).status).toBe(403);
    const auditor = await staffClient(built, 'axel', built.client({ ip: '192.0.2.77' }));
    expect((await auditor.get('/console/readiness')).status).toBe(200);
    expect((await auditor.get('/console/rules')).status).toBe(403);
  });
});

describe('a preview of rules', () => {
  const previewed = async (client: Awaited<ReturnType<typeof staffClient>>, policy: string) => {
    await client.get('/console/rules');
    return client.submit('/console/rules/preview', { policy });
  };

  test('says whom a change would strand and whom it would free, and changes nothing', async () => {
    const { built, figures } = await house();
    const client = await staffClient(built, 'olga');
    const before = await figures();
    // Saved codes go: Bo has only mail and codes.
    await previewed(client, 'recovery:\n  methods: [email, totp]\n');
    expect(client.status).toBe(200);
    expect(client.html).toContain('1 person could not recover any more');
    expect(client.html).toContain('bo Example');
    await client.submit('/console/rules/preview.csv');
    expect(client.last.body).toMatch(/bo,bo Example,stranded,too-few-gates method-not-allowed,default,staff/);
    await previewed(client, 'policy:\n  recovery:\n    gates: 1\n    acceptSingleGate: true\n');
    expect(client.html).toContain('1 person could recover who can’t today');
    expect(client.html).toContain('cem Example');
    expect(await figures()).toEqual(before);
  });

  test('is the prophecy that a restart with these rules fulfils', async () => {
    const { built, figures } = await house();
    const changed = await openReadiness(
      {
        ...built.config,
        policy: { ...built.config.policy, recovery: { ...built.config.policy.recovery, methods: ['email', 'totp'] } },
      },
      built.flow,
    );
    await changed.work();
    expect(await figures()).toMatchObject({ ready: 6, notReady: 5 });
    expect(await counted(built)).toEqual(await recounted(built));
  });

  test('refuses what the configuration would refuse, with the line', async () => {
    const { built } = await house();
    const client = await staffClient(built, 'olga');
    await previewed(client, 'recovery:\n  gates: 99\n');
    expect(client.status).toBe(422);
    expect(client.html).toContain('policy.recovery.gates');
    expect(client.html).toContain('Line 2');
    await previewed(client, 'recovery: [unclosed');
    expect(client.status).toBe(422);
    await previewed(client, 'recovery:\n  gates: 1\n');
    expect(client.status).toBe(422);
    await previewed(client, '');
    expect(client.status).toBe(200);
  });
});

describe('a trial run', () => {
  const everything = async ({ storage }: Built) => {
    const tables = await storage.db.introspection.getTables();
    // The staff member's own request moves their session; the audit gets its one record.
    const own = ['sessions', 'audit', 'audit_head', 'readiness_state'];
    const rows = await Promise.all(
      tables
        .filter(({ name }) => !own.includes(name))
        .map(async ({ name }) => [
          name,
          await storage.db
            .selectFrom(name as never)
            .selectAll()
            .execute(),
        ]),
    );
    return JSON.stringify(rows);
  };

  test('tells how it would go, and leaves nothing but one record', async () => {
    const { built } = await house();
    const client = await staffClient(built, 'olga');
    await client.get('/console/rules?person=ada');
    expect(client.html).toContain('value="ada"');
    const [before, mails, records] = [await everything(built), await built.mails(), await built.audited()];
    await client.submit('/console/rules/try', { person: 'ada' });
    expect(client.status).toBe(200);
    expect(client.html).toContain('It would end well, with a new password');
    expect(client.html).toContain('Email + Authenticator app');
    expect(client.html).toContain('a•••@private.example');
    expect(await everything(built)).toBe(before);
    expect(await built.mails()).toHaveLength(mails.length);
    expect((await built.audited()).slice(records.length)).toMatchObject([
      { event: 'trial.run', outcome: 'success', actor: 'staff:olga' },
    ]);
  });

  test.each([
    ['cem', 'there are not enough ways'],
    ['dia', 'there are not enough ways'],
    ['fay', 'the directory would refuse'],
    ['eve', 'the directory would refuse'],
  ])('of %s says: %s', async (person, says) => {
    const { built } = await house();
    const client = await staffClient(built, 'olga');
    await client.get('/console/rules');
    await client.submit('/console/rules/try', { person });
    expect(client.html).toContain(says);
  });

  test('outside of the scope is like nobody, and recorded', async () => {
    const roles = JSON.stringify([
      { name: 'Site', groups: ['operators'], rights: ['rules.try', 'readiness.view'], scope: { groups: ['students'] } },
    ]);
    const { built } = await house({ SPAREKEY_CONSOLE_ROLES: roles });
    const client = await staffClient(built, 'olga');
    const tried = async (person: string) => {
      await client.get('/console/rules');
      await client.submit('/console/rules/try', { person });
      return client.status;
    };
    expect([await tried('ada'), await tried('nobody'), await tried('cem')]).toEqual([404, 404, 200]);
    const runs = (await built.audited()).filter(({ event }) => event === 'trial.run');
    expect(runs.map(({ outcome }) => outcome)).toEqual(['refused', 'success']);
    await client.get('/console/readiness');
    expect(client.html).toContain('dia Example');
    expect(client.html).not.toContain('fay Example');
  });
});
