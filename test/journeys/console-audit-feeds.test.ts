/** Feeds of the audit in the console, and what leaves the house by them: no code, no password, no address in clear. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createPump } from '../../src/audit/feeds/pump.ts';
import { openFeeds, pruneByAge } from '../../src/audit-keeping.ts';
import { type Built, build, SEED } from '../kit/build.ts';
import { STAFF, STAFF_PEOPLE, staffClient } from '../kit/staff.ts';
import { byApp, byEmail, identify, NEW, setPassword } from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED };

async function house(feeds?: (folder: string) => object[]): Promise<{ built: Built; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'sparekey-feeds-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const env = feeds ? { ...STAFF, SPAREKEY_AUDIT_FEEDS: JSON.stringify(feeds(folder)) } : STAFF;
  return { built: await build({ people: [...STAFF_PEOPLE, amina], env }), folder };
}

/** Sends what waits, as a running node does every two seconds. */
async function pump(built: Built): Promise<void> {
  for (const feed of openFeeds(built.config, built.clock)) {
    const deps = { ...built.flow, wait: () => 60_000, alarm: async () => {} };
    await createPump(deps, feed).work();
  }
}

describe('feeds of the audit', () => {
  test('a whole recovery leaves no secret and no address in any of them', async () => {
    const types = ['json', 'cef'] as const;
    const { built, folder } = await house((place) =>
      types.map((type) => ({ id: type, type, file: join(place, type) })),
    );
    const client = await identify(built.client(), 'amina');
    await byEmail(built, client, 'amina@private.example');
    const code = await built.codeFor('amina@private.example');
    await byApp(built, client);
    await setPassword(client, NEW);
    await pump(built);
    for (const type of types) {
      const text = readFileSync(join(folder, type), 'utf8');
      expect(text).toContain('recovery.password-set');
      for (const secret of [NEW, code, SEED, 'amina@private.example']) expect(text).not.toContain(secret);
    }
    const lines = readFileSync(join(folder, 'json'), 'utf8').trim().split('\n');
    async function* each() {
      yield* lines;
    }
    // A feed of JSON lines proves itself as an export does.
    expect(await built.audit.verifyLines(each())).toMatchObject({ records: lines.length, from: 1, faults: [] });
  });

  test('the page says how they are, why one fails, and tries them', async () => {
    const { built, folder } = await house((place) => [
      { id: 'good', type: 'json', file: join(place, 'good') },
      { id: 'bad', type: 'cef', file: join(place, 'none', 'bad') },
    ]);
    const client = await staffClient(built, 'axel');
    await pump(built);
    await client.get('/console/audit');
    expect(client.html).toContain('href="/console/audit/feeds"');
    await client.get('/console/audit/feeds');
    expect(client.title).toBe('Feeds');
    expect(client.text()).toContain('working');
    expect(client.text()).toContain('failing');
    expect(client.text()).toContain('Make the folder.');
    await client.submit('/console/audit/feeds/check');
    expect(client.text()).toContain(`write to ${join(folder, 'good')}`);
    expect(client.text()).toContain('look at it');
  });

  test('without any the page says where they are set up; a helper of some people sees none of it', async () => {
    const { built } = await house();
    const client = await staffClient(built, 'axel');
    await client.get('/console/audit/feeds');
    expect(client.text()).toContain('audit.feeds');
    const teacher = await build({
      people: STAFF_PEOPLE as never,
      env: {
        SPAREKEY_CONSOLE_ROLES: JSON.stringify([
          { name: 'Teacher', groups: ['teachers'], rights: ['audit.view'], scope: { same: ['class'] } },
        ]),
      },
    });
    const tilda = await staffClient(teacher, 'tilda');
    await tilda.get('/console/audit/feeds');
    expect(tilda.title).toBe('Audit');
  });

  test('what a feed has not delivered outlives its time, but not for ever', async () => {
    const { built } = await house((place) => [{ id: 'bad', type: 'cef', file: join(place, 'none', 'bad') }]);
    await identify(built.client(), 'amina');
    await pump(built);
    const DAY = 86_400_000;
    built.clock.advance(400 * DAY);
    expect(await pruneByAge(built.flow, built.config)).toBe(0);
    built.clock.advance(60 * DAY);
    expect(await pruneByAge(built.flow, built.config)).toBe(1);
    expect((await built.audit.verify(built.storage.db)).faults).toEqual([]);
    const client = await staffClient(built, 'olga');
    await client.get('/console/privacy');
    expect(client.text()).toMatch(/leads to nobody\. 365 days 1 /);
  });
});
