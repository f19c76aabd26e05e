/** The audit in the console: found by what is asked for, whole records, files; nonsense and foreign people in the address. */
import { describe, expect, test } from 'vitest';
import { type Built, build, SEED } from '../kit/build.ts';
import { STAFF, STAFF_PEOPLE, staffClient } from '../kit/staff.ts';
import { identify } from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED };

async function house(): Promise<Built> {
  const built = await build({ people: [...STAFF_PEOPLE, amina], env: STAFF });
  await identify(built.client(), 'amina');
  return built;
}
const count = async (built: Built, event: string) => (await built.audited()).filter((one) => one.event === event);

describe('the audit in the console', () => {
  test('is found by person, event and day', async () => {
    const built = await house();
    const client = await staffClient(built, 'axel');
    await client.get('/console/audit?who=amina&event=recovery.&since=2026-11-23&until=2026-11-23');
    expect(client.text()).toContain('recovery.started');
    expect(client.text()).not.toContain('session.opened');
    await client.get('/console/audit?who=amina&until=2026-11-22');
    expect(client.text()).toContain('Nothing was found.');
  });

  test('goes on page by page to the first record', async () => {
    const built = await house();
    await built.storage.transaction((trx) =>
      built.audit.append(
        trx,
        ...Array.from(
          { length: 120 },
          () => ({ event: 'system.started', outcome: 'success', actor: 'system' }) as const,
        ),
      ),
    );
    const client = await staffClient(built, 'axel');
    await client.get('/console/audit?event=system.started');
    let met = 0;
    for (let pages = 0; pages < 9; pages += 1) {
      met += (client.html.match(/<code dir="ltr">system\.started/g) ?? []).length;
      const next = /href="([^"]+)" rel="next"/.exec(client.html)?.[1]?.replaceAll('&amp;', '&');
      if (!next) break;
      await client.get(next);
    }
    expect(met).toBe(121);
  });

  test('shows one record whole', async () => {
    const built = await house();
    const client = await staffClient(built, 'axel');
    await client.get('/console/audit?who=amina');
    const link = /href="(\/console\/audit\/\d+)"/.exec(client.html)?.[1] as string;
    await client.get(link);
    expect(client.title).toMatch(/^Record \d+$/);
    await client.get('/console/audit/999999');
    expect(client.status).toBe(404);
  });

  test('leaves the house as a file, and says so', async () => {
    const built = await house();
    const client = await staffClient(built, 'axel');
    await client.get('/console/audit.jsonl?who=amina');
    expect(client.last.headers['content-disposition']).toBe('attachment; filename="audit.jsonl"');
    const lines = client.last.body.trim().split('\n');
    expect(lines.every((line) => JSON.parse(line).hash.length > 20)).toBe(true);
    expect(await count(built, 'audit.exported')).toMatchObject([{ actor: 'staff:axel', outcome: 'success' }]);
    expect(JSON.stringify(await count(built, 'audit.exported'))).not.toContain('amina');
    await client.get('/console/audit.csv?event=recovery.');
    expect(client.last.headers['content-type']).toContain('text/csv');
  });

  test('stays inside the scope', async () => {
    const built = await build({
      people: [...STAFF_PEOPLE, { ...amina, attributes: { class: ['7b'] } }, { username: 'ben', seed: SEED }],
      env: {
        SPAREKEY_CONSOLE_ROLES: JSON.stringify([
          { name: 'Teacher', groups: ['teachers'], rights: ['audit.view', 'audit.export'], scope: { same: ['class'] } },
        ]),
      },
    });
    await identify(built.client(), 'amina');
    await identify(built.client(), 'ben');
    const client = await staffClient(built, 'tilda');
    await client.get('/console/audit?who=amina');
    expect(client.text()).toContain('recovery.started');
    for (const path of [
      '/console/audit',
      '/console/audit?who=ben',
      '/console/audit.csv',
      '/console/audit.jsonl?who=ben',
    ]) {
      await client.get(path);
      expect(client.text(), path).toContain('Say whom it is about');
      expect(client.html, path).not.toContain('recovery.started');
    }
    await client.get('/console/audit/1');
    expect(client.status).toBe(404);
  });

  test('answers nonsense with a page', async () => {
    const built = await house();
    const client = await staffClient(built, 'axel');
    for (const query of [
      'since=yesterday&until=2026-99-99',
      'before=-1&before=2',
      'before=1e9',
      'outcome=%00&event=[]',
      `text=${'x'.repeat(5_000)}`,
      'who=%F0%9F%94%91&ip=::::',
      'event[]=a&event[]=b',
    ]) {
      await client.get(`/console/audit?${query}`);
      expect(client.status, query).toBe(200);
    }
  });
});
