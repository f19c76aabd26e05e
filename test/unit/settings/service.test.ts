/** The service under the console and the command line: what can't be opened is refused, what waits for a restart is named, races have one winner. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createAudit } from '../../../src/audit/index.ts';
import { type Layers, loadConfig } from '../../../src/config/load.ts';
import { createKeyring } from '../../../src/kernel/keyring.ts';
import { registries } from '../../../src/registries.ts';
import { createSettingsService } from '../../../src/settings/service.ts';
import { openStorage } from '../../../src/storage/index.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';

const BY = { actor: 'staff:olga' };

async function service() {
  const folder = mkdtempSync(join(tmpdir(), 'sparekey-settings-'));
  const storage = await openStorage({ engine: 'sqlite', file: join(folder, 'test.sqlite') });
  onTestFinished(async () => {
    await storage.close();
    rmSync(folder, { recursive: true });
  });
  const layers = loadConfig({
    file: undefined,
    env: {
      SPAREKEY_PUBLIC_URL: 'https://reset.example.test',
      SPAREKEY_ORGANISATION_NAME: 'Northfield College',
      SPAREKEY_DIRECTORY_TYPE: 'builtin',
      SPAREKEY_MAIL_TYPE: 'smtp',
      SPAREKEY_MAIL_HOST: 'mail.example.test',
      SPAREKEY_MAIL_FROM: 'it@northfield.example',
    },
    registries,
  }) as unknown as Layers & { is: 'ok' };
  const clock = createFakeClock(Date.UTC(2026, 10, 24));
  const keyring = createKeyring([{ id: 'test', bytes: Buffer.alloc(32, 7) }]);
  return createSettingsService({
    storage,
    audit: createAudit({ keyring, clock }),
    clock,
    layers,
    secondApproval: false,
    tryOut: async ({ policy }) => (policy.recovery.gates === 3 ? 'The provider does not answer.' : undefined),
    attributes: async ({ policy }) => policy.groups.flatMap(({ attributes }) => Object.keys(attributes)),
  });
}

const set = (path: string, after: unknown, base = 0) => ({ base, changes: [{ path, after }], comment: '' });

test('what can’t be opened is refused before anything is stored', async () => {
  const settings = await service();
  const refused = await settings.propose(set('policy.recovery.gates', 3), BY);
  expect(refused).toMatchObject({ is: 'invalid', problems: [{ what: 'The provider does not answer.' }] });
  expect(await settings.history({ limit: 9 })).toEqual([]);
});

test('what takes effect at a restart only is named: settings, and attributes that nobody reads yet', async () => {
  const settings = await service();
  const group = { name: 'guests', attributes: { employeeType: ['guest'] }, methods: ['email', 'totp'] };
  const changes = [
    { path: 'policy.groups', after: [group] },
    { path: 'mail.connections', after: 2 },
    { path: 'limits.triesPerCode', after: 4 },
  ];
  expect(await settings.propose({ base: 0, changes, comment: '' }, BY)).toEqual({ is: 'proposed', number: 1 });
  const version = await settings.find(1);
  expect(version && (await settings.later(version))).toEqual(['mail.connections', 'attribute employeeType']);
});

test('of many that take force at once one does, and every other is shown what it was', async () => {
  const settings = await service();
  for (const tries of [1, 2, 3, 4]) await settings.propose(set('limits.triesPerCode', tries), BY);
  const outcomes = await Promise.all(
    [1, 2, 3, 4].map((number) => settings.apply(number, { actor: `staff:${number}` })),
  );
  const won = outcomes.filter(({ is }) => is === 'applied');
  expect(won).toHaveLength(1);
  for (const outcome of outcomes.filter((one) => !won.includes(one)))
    expect(outcome).toMatchObject({ is: 'conflict', theirs: [{ path: 'limits.triesPerCode' }] });
  expect((await settings.show()).current).toBe((won[0] as { number: number }).number);
});

test('a roll-back goes to what was in force only, and to the file alone', async () => {
  const settings = await service();
  await settings.propose(set('limits.triesPerCode', 4), BY);
  expect(await settings.rollBack(1, '', BY), 'never in force').toEqual({ is: 'gone' });
  await settings.apply(1, BY);
  expect(await settings.rollBack(0, 'all of it', BY)).toEqual({ is: 'proposed', number: 2 });
  await settings.apply(2, BY);
  expect(await settings.values()).toEqual({});
  expect(await settings.diff(1, 2)).toEqual([{ path: 'limits.triesPerCode', before: 4, after: undefined }]);
  expect(await settings.diff(1, 9)).toBeUndefined();
});
