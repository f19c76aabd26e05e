/** Reports from a real recovery to the page: what people do is what is counted, and nothing in it says who. */
import { describe, expect, test } from 'vitest';
import { openReadiness } from '../../src/readiness.ts';
import { openReports } from '../../src/reports.ts';
import { type Built, build, SEED } from '../kit/build.ts';
import { STAFF, STAFF_PEOPLE, staffClient } from '../kit/staff.ts';
import { byApp, byEmail, identify, setPassword } from '../kit/steps.ts';

const DORA = { username: 'dora', addresses: ['dora@private.example'], seed: SEED };
const PRICED = { SPAREKEY_REPORTS_COST_PER_CALL: '22', SPAREKEY_REPORTS_CURRENCY: 'USD' };

async function house(env: Record<string, string> = {}) {
  const built = await build({ people: [...STAFF_PEOPLE, DORA], env: { ...STAFF, ...PRICED, ...env } });
  await (await openReadiness(built.config, built.flow)).work();
  return { built, reports: openReports(built.config, built.flow) };
}

async function recover(built: Built) {
  const client = await identify(built.client(), 'dora');
  built.clock.advance(30_000);
  await byEmail(built, client, 'dora@private.example');
  built.clock.advance(30_000);
  await byApp(built, client);
  await setPassword(client);
  return client;
}

describe('a recovery', () => {
  test('is counted from its first page to its last tap', async () => {
    const { built, reports } = await house();
    const stranger = await identify(built.client(), 'nobody');
    expect(stranger.status).toBe(200);
    const client = await recover(built);
    expect(client.text()).toContain('How was it?');
    await client.submit('/recover/rating', { stars: '4' });
    expect(client.text()).toContain('Thank you');
    await reports.work();
    const report = await reports.report(reports.rangeOf({}));
    expect(report).toMatchObject({
      resets: 1,
      unlocks: 0,
      left: 0,
      time: { n: 1 },
      rating: { n: 1, average: 4 },
      turnedAway: [{ name: 'no-account', n: 1 }],
      savings: { selfHelped: 1, callsAvoided: 0.8, money: { perCall: 22 } },
    });
    expect(report.time?.median).toBeGreaterThan(58_000);
    expect(report.time?.median).toBeLessThan(70_000);
    expect(report.funnel.map(({ name, n }) => [name, n])).toEqual([
      ['started', 1],
      ['gate-1', 1],
      ['gate-2', 1],
      ['through', 1],
      ['done', 1],
    ]);
    expect(report.methods).toEqual([
      { method: 'email', chosen: 1, passed: 1 },
      { method: 'totp', chosen: 1, passed: 1 },
    ]);
    // The code and the notice.
    expect(report.messages[0]).toMatchObject({ channel: 'mail', sent: 2 });
    expect(report.adoption).toMatchObject({ eligible: 6, enrolled: 6 });
    const counts = await built.storage.db.selectFrom('report_counts').selectAll().execute();
    expect(JSON.stringify(counts)).not.toMatch(/dora|private\.example/);
  });

  test('is rated once, by whoever ended it, and the answer says nothing about who', async () => {
    const { built } = await house();
    const client = await recover(built);
    const { fields } = client.form('/recover/rating');
    for (const stars of ['9', 'x', '5', '1']) {
      await client.post('/recover/rating', { ...fields, stars });
      expect(client.text()).toContain('Thank you');
    }
    const stranger = await identify(built.client(), 'dora');
    const { _csrf = '' } = stranger.forms()[0]?.fields ?? {};
    await stranger.post('/recover/rating', { _csrf, stars: '1' });
    expect(stranger.text()).toContain('Thank you');
    const rated = (await built.audited()).filter(({ event }) => event === 'journey.rated');
    expect(rated).toHaveLength(1);
    expect(rated[0]?.detail).toMatchObject({ stars: 5, kind: 'recovery' });
    expect(rated[0]).toMatchObject({ actor: 'anonymous' });
    expect(rated[0]).not.toHaveProperty('subject');
    expect(rated[0]).not.toHaveProperty('ip');
  });
});

describe('the page', () => {
  test('shows figures with their formula, charts with their tables, and the counts as a file', async () => {
    const { built, reports } = await house();
    await recover(built);
    await reports.work();
    const client = await staffClient(built, 'olga');
    await client.get('/console/reports');
    expect(client.status).toBe(200);
    const text = client.text();
    expect(text).toContain('1 people helped themselves × 80%');
    expect(text).toContain('$22.00');
    const charts = client.html.match(/<svg [^>]*role="img"/g) ?? [];
    expect(charts.length).toBeGreaterThanOrEqual(5);
    for (const chart of client.html.match(/<svg [^>]*role="img"[^>]*>/g) ?? [])
      expect(chart).toMatch(/aria-label="[^"]{10,}"/);
    expect(client.html.match(/The same as a table/g)?.length).toBe(charts.length);
    expect(client.html).not.toMatch(/style="/);
    await client.get('/console/reports.csv');
    expect(client.last.headers['content-type']).toContain('text/csv');
    expect(client.last.body).toContain('done,recovery,default');
    expect((await built.audited()).map(({ event }) => event)).toContain('report.exported');
  });

  test('is open to whoever has the right and may see everybody', async () => {
    const { built } = await house();
    for (const [username, status] of [
      ['axel', 200],
      ['hedda', 403],
      ['tilda', 403],
    ] as const) {
      const client = await staffClient(built, username);
      await client.get('/console/reports');
      expect(client.status, username).toBe(status);
    }
  });

  test('takes whatever is typed into the address', async () => {
    const { built } = await house();
    const client = await staffClient(built, 'olga');
    for (const query of [
      'from=2026-02-30',
      'from=9999-99-99&to=0000-00-00',
      'from=2026-11-30&to=2026-11-01',
      'from=1900-01-01&to=2199-12-31',
      "group=' or 1=1 --",
      'group=%00',
      `group=${'x'.repeat(3_000)}`,
      'from=a&from=b',
    ]) {
      await client.get(`/console/reports?${query}`);
      expect(client.status, query).toBe(200);
      await client.get(`/console/reports.csv?${query}`);
      expect(client.status, query).toBe(200);
    }
  });
});

test('the weekly mail is readable and names the week', async () => {
  const { built, reports } = await house({ SPAREKEY_REPORTS_WEEKLY: 'head@northfield.example' });
  await recover(built);
  // It is Monday, nine in the morning: the week before has nothing.
  await reports.work();
  const [mail] = (await built.mails()).filter(({ to }) => to === 'head@northfield.example');
  expect(mail?.subject).toContain('0 passwords reset');
  expect(mail?.text).toContain('Nov 16, 2026 – Nov 22, 2026');
  expect(mail?.text).toContain('/console/reports?from=2026-11-16&to=2026-11-22');
});
